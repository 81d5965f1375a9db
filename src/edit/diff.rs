//! A change as people read it: unified, as `diff -u` and git have it.

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// The change from one text to another, with the names of the two files; empty where the texts are
/// equal and so are the names.
pub fn unified(old: &str, new: &str, before: &str, after: &str) -> String {
    let a: Vec<&str> = before.split_inclusive('\n').collect();
    let b: Vec<&str> = after.split_inclusive('\n').collect();
    let mut out = String::new();
    if old != new {
        out.push_str(&format!("rename from {old}\nrename to {new}\n"));
    }
    let changes = changes(&a, &b);
    if changes.is_empty() {
        return out;
    }
    out.push_str(&format!("--- {old}\n+++ {new}\n"));
    let mut at = 0;
    while at < changes.len() {
        // Changes whose contexts touch are one hunk.
        let mut last = at;
        while last + 1 < changes.len() && changes[last + 1].0 <= changes[last].1 + 2 * CONTEXT {
            last += 1;
        }
        let (a_from, b_from) = (changes[at].0.saturating_sub(CONTEXT), changes[at].2.saturating_sub(CONTEXT));
        let (a_to, b_to) = ((changes[last].1 + CONTEXT).min(a.len()), (changes[last].3 + CONTEXT).min(b.len()));
        let start = |from: usize, to: usize| if from == to { from } else { from + 1 };
        out.push_str(&format!(
            "@@ -{},{} +{},{} @@\n",
            start(a_from, a_to),
            a_to - a_from,
            start(b_from, b_to),
            b_to - b_from
        ));
        let mut line = |sign: char, text: &str| {
            out.push(sign);
            out.push_str(text.trim_end_matches(['\n', '\r']));
            out.push('\n');
        };
        let mut shown = a_from;
        for &(from, to, b_start, b_end) in &changes[at..=last] {
            a[shown..from].iter().for_each(|text| line(' ', text));
            a[from..to].iter().for_each(|text| line('-', text));
            b[b_start..b_end].iter().for_each(|text| line('+', text));
            shown = to;
        }
        a[shown..a_to].iter().for_each(|text| line(' ', text));
        at = last + 1;
    }
    out
}

/// What differs: lines of the one and of the other, as (from, to, from, to). Our changes are few and
/// small, so after a difference the next equal line is looked for near by.
fn changes(a: &[&str], b: &[&str]) -> Vec<(usize, usize, usize, usize)> {
    const NEAR: usize = 200;
    let mut found: Vec<(usize, usize, usize, usize)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The nearest pair of lines from which on both go on alike.
        let again = (0..NEAR).find_map(|distance| {
            (0..=distance).map(|skip| (i + distance - skip, j + skip)).find(|&(x, y)| {
                let ends = x == a.len() && y == b.len();
                ends || (x < a.len() && y < b.len() && a[x] == b[y])
            })
        });
        let (x, y) = again.unwrap_or((a.len(), b.len()));
        found.push((i, x, j, y));
        (i, j) = (x, y);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_its_neighbours() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let after = "1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n10.5\n11\n12\n";
        assert_eq!(
            unified("a.md", "a.md", before, after),
            "--- a.md\n+++ a.md\n@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+four\n 5\n 6\n@@ -9,4 +9,5 @@\n 9\n 10\n+10.5\n 11\n 12\n"
        );
        assert_eq!(unified("a.md", "b.md", before, before), "rename from a.md\nrename to b.md\n");
        assert_eq!(unified("a", "a", "", "x\n"), "--- a\n+++ a\n@@ -0,0 +1,1 @@\n+x\n");
        assert_eq!(unified("a", "a", before, before), "");
    }
}
