//! TOML into the spanned tree.

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};

use super::{Entries, Key, MAX_DEPTH, MAX_ERRORS, Node, Parsed, Problem, Scalar, SyntaxError, Value};
use crate::text::Span;

/// Reads a TOML document that begins at byte `base` of its file. Strings are quoted scalars;
/// numbers, dates and booleans are unquoted ones, as they were written.
pub fn toml(text: &str, base: usize) -> Parsed {
    if let Some(at) = unsafe_depth(text) {
        return Parsed { entries: Vec::new(), errors: vec![too_deep(Span::new(base + at, base + at + 1))] };
    }
    let (table, problems) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, base, errors: Vec::new() };
    for problem in problems.into_iter().take(MAX_ERRORS) {
        let range = problem.span().unwrap_or(text.len()..text.len());
        let span = Span::new(base + range.start, base + range.end);
        let (kind, message) = match problem.message() {
            "duplicate key" => {
                let name = text.get(range).unwrap_or("");
                (Problem::Duplicate, format!("`{name}` stands twice; the first one counts"))
            }
            message => (Problem::Syntax, message.to_owned()),
        };
        reader.errors.push(SyntaxError::new(kind, span, message));
    }
    let entries = reader.entries(table.into_inner(), 1);
    let mut errors = reader.errors;
    errors.sort_by_key(|error| error.span);
    Parsed { entries, errors }
}

/// The place from which on the tree could be so deep that dropping it exhausts a thread's stack.
/// The parser bounds the parts of a dotted key and the nesting of brackets at 80 each, but not
/// their product, which is 6,400. Only a table in braces multiplies: so the dots before an opening
/// brace on its line are summed, also inside strings, where they do no harm.
fn unsafe_depth(text: &str) -> Option<usize> {
    const SAFE: usize = 1000;
    let (mut sum, mut dots) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => dots = 0,
            b'.' => dots += 1,
            b'{' => {
                sum += dots;
                dots = 0;
                if sum > SAFE {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn too_deep(span: Span) -> SyntaxError {
    SyntaxError::new(Problem::Depth, span, format!("nested deeper than {MAX_DEPTH}"))
}

struct Reader<'t> {
    text: &'t str,
    base: usize,
    errors: Vec<SyntaxError>,
}

impl Reader<'_> {
    fn span<T>(&self, spanned: &Spanned<T>) -> Span {
        let range = spanned.span();
        Span::new(self.base + range.start, self.base + range.end)
    }

    fn entries(&mut self, table: DeTable<'_>, depth: usize) -> Entries {
        let mut entries: Entries = table
            .into_iter()
            .filter_map(|(key, value)| {
                let key = Key { span: self.span(&key), name: key.into_inner().into_owned() };
                Some((key, self.node(value, depth)?))
            })
            .collect();
        // The parser sorts by name; the order of the file is that of the keys' places.
        entries.sort_by_key(|(key, _)| key.span);
        entries
    }

    /// The value at nesting `depth`; nothing, and an error, if it is nested too deep.
    fn node(&mut self, value: Spanned<DeValue<'_>>, depth: usize) -> Option<Node> {
        let span = self.span(&value);
        let written = || self.text.get(value.span()).unwrap_or("").to_owned();
        let scalar = |text, quoted| Some(Value::Scalar(Scalar { text, quoted }));
        let value = match value.get_ref() {
            DeValue::String(text) => scalar(text.clone().into_owned(), true),
            DeValue::Integer(number) if number.radix() == 10 => scalar(number.as_str().to_owned(), false),
            DeValue::Float(number) => scalar(number.as_str().to_owned(), false),
            DeValue::Integer(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => scalar(written(), false),
            DeValue::Array(_) | DeValue::Table(_) if depth == MAX_DEPTH => {
                self.errors.push(too_deep(span));
                None
            }
            DeValue::Array(_) | DeValue::Table(_) => match value.into_inner() {
                DeValue::Array(items) => {
                    Some(Value::List(items.into_iter().filter_map(|item| self.node(item, depth + 1)).collect()))
                }
                DeValue::Table(table) => Some(Value::Map(self.entries(table, depth + 1))),
                _ => None,
            },
        };
        value.map(|value| Node { span, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::outline;

    #[test]
    fn values_stay_as_written_in_the_order_of_the_file() {
        let text = "z = 1.20\na = \"no\"\nn = 1_000\nd = 2026-03-04\nb = true\nh = 0xFF\n[t]\nk = ['x', { y = 1 }]\n";
        assert_eq!(
            outline(&toml(text, 0)),
            "z: 1.20, a: \"no\", n: 1000, d: 2026-03-04, b: true, h: 0xFF, t: {k: [\"x\", {y: 1}]}"
        );
    }

    #[test]
    fn spans_are_those_of_the_file() {
        let text = "+++\né = 'x'\n";
        let parsed = toml(&text[4..], 4);
        let (key, node) = &parsed.entries[0];
        assert_eq!((&text[key.span.range()], &text[node.span.range()]), ("é", "'x'"));
    }

    #[test]
    fn a_second_key_is_an_error_and_the_first_counts() {
        let parsed = toml("a = 1\na = 2\n", 10);
        assert_eq!(outline(&parsed), "a: 1");
        assert_eq!(parsed.errors[0].problem, Problem::Duplicate);
        assert_eq!(parsed.errors[0].message, "`a` stands twice; the first one counts");
        assert_eq!(parsed.errors[0].span, Span::new(16, 17));
    }

    #[test]
    fn what_stands_before_an_error_is_read() {
        let parsed = toml("title = 'x'\nauthors = [\"a\"\ndate = \n", 0);
        assert!(outline(&parsed).starts_with("title: \"x\""), "{}", outline(&parsed));
        assert!(parsed.errors.iter().any(|error| error.problem == Problem::Syntax));
    }

    #[test]
    fn depth_is_bounded_however_it_is_written() {
        let path = vec!["a"; 80].join(".");
        let deep = [
            format!("a = {}{}", "[".repeat(40), "]".repeat(40)),
            format!("{path} = 1"),
            format!("[{path}]\n{}", format!("{path} = {{").repeat(79)),
            format!("a = 1\na = {}", format!("{{ {path} = ").repeat(78)),
            "a = {".repeat(20_000),
            "a.".repeat(30_000),
        ];
        for text in deep {
            // The stack of the smallest thread that may run this.
            let parse = move || toml(&text, 0).errors.iter().any(|error| error.problem != Problem::Duplicate);
            let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(parse).unwrap();
            assert!(thread.join().unwrap());
        }
    }
}
