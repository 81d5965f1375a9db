//! Compounds: words that languages write as one, as `Stornierungsbedingungen`. No dictionary knows
//! them, but the book has their parts as words of their own; they are found by those, too.

use crate::words::Table;

/// Languages that write compounds as one word.
const LANGUAGES: [&str; 7] = ["da", "de", "fi", "hu", "nl", "no", "sv"];
/// What may stand between two parts.
const LINKS: [&str; 7] = ["", "s", "es", "n", "en", "er", "e"];
/// Shorter words have no parts.
const COMPOUND: usize = 9;
/// Shorter words are no parts: any word would be made of them.
const PART: usize = 4;

/// Whether a book in these languages has compounds.
pub fn are_written(languages: &[String]) -> bool {
    languages.iter().any(|language| LANGUAGES.contains(&language.as_str()))
}

/// The fewest known words that a word is made of, from its beginning to its end; empty if there are
/// none. `is_part` says which numbers of the table may be parts.
pub fn parts(word: &str, table: &Table, is_part: impl Fn(u32) -> bool) -> Vec<u32> {
    if word.chars().count() < COMPOUND || !word.chars().all(char::is_alphabetic) {
        return Vec::new();
    }
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    // For each beginning of the word that is made of known words: how many, the last of them, and the one before.
    let mut made: Vec<Option<(usize, u32, usize)>> = vec![None; ends.len()];
    for start in 0..ends.len() {
        let count = match (start, made[start]) {
            (0, _) => 0,
            (_, Some((count, ..))) => count,
            _ => continue,
        };
        for end in start + PART..ends.len() {
            let piece = &word[ends[start]..ends[end]];
            let Some(number) = table.find(piece).filter(|number| piece != word && is_part(*number)) else { continue };
            for link in LINKS {
                // A link stands between parts, not at the end.
                let after = end + link.len();
                let fits = after < ends.len()
                    && word[ends[end]..].starts_with(link)
                    && (link.is_empty() || after + PART < ends.len());
                if fits && made[after].is_none_or(|(known, ..)| count + 1 < known) {
                    made[after] = Some((count + 1, number, start));
                }
            }
        }
    }
    let mut found = Vec::new();
    let mut at = ends.len() - 1;
    while let Some((_, number, before)) = made[at] {
        found.push(number);
        at = before;
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_is_found_by_words_of_the_book() {
        let mut table = Table::default();
        for word in ["flug", "preis", "vergleich", "stornierung", "bedingungen", "storno", "ungen", "flugpreis", "rind"]
        {
            table.number(word);
        }
        let split = |word: &str| -> Vec<&str> {
            parts(word, &table, |number| table.get(number) != "ungen")
                .into_iter()
                .map(|number| table.get(number))
                .collect()
        };
        assert_eq!(split("flugpreisvergleich"), ["flugpreis", "vergleich"]);
        assert_eq!(split("stornierungsbedingungen"), ["stornierung", "bedingungen"]);
        assert_eq!(split("preisvergleichs"), Vec::<&str>::new());
        assert_eq!(split("rindfleisch"), Vec::<&str>::new());
        assert_eq!(split("flugpreis"), ["flug", "preis"]);
        assert_eq!(split("stornierung"), Vec::<&str>::new());
    }
}
