//! The form in which words are compared: whatever case, accents and width they are written in.

use std::borrow::Cow;

use crate::text::{compose, compose_compatible, decompose, is_combining_mark};

/// A word in the form in which it is looked for: compatibility forms as what they stand for (NFKC),
/// lower case, and without the accents of Latin and Greek, the points of Hebrew and the vowel signs
/// of Arabic. Other marks are letters of their own: `й`, the dakuten of `ガ`, the signs of Hindi.
pub fn fold(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return match word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => word.to_ascii_lowercase().into(),
            false => word.into(),
        };
    }
    let lower = compose_compatible(word).to_lowercase();
    let mut bare = String::with_capacity(lower.len());
    let mut base = ' ';
    for c in decompose(&lower).chars() {
        if is_combining_mark(c) {
            if !is_dropped(c, base) {
                bare.push(c);
            }
            continue;
        }
        base = c;
        match c {
            'ς' => bare.push('σ'),
            'ß' => bare.push_str("ss"),
            'æ' => bare.push_str("ae"),
            'œ' => bare.push_str("oe"),
            'þ' => bare.push_str("th"),
            'ø' => bare.push('o'),
            'đ' | 'ð' => bare.push('d'),
            'ł' => bare.push('l'),
            'ı' => bare.push('i'),
            // Tatweel, which only stretches a word, and what is not seen.
            '\u{640}' | '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            c => bare.push(c),
        }
    }
    compose(&bare).into()
}

/// A mark that readers leave out when they type.
fn is_dropped(mark: char, base: char) -> bool {
    match mark {
        '\u{300}'..='\u{36f}' => match base {
            'a'..='z' | '\u{df}'..='\u{24f}' | '\u{370}'..='\u{3ff}' => true,
            // The stress of Cyrillic, and the dots of ё.
            base => matches!(mark, '\u{300}' | '\u{301}') || base == 'е' && mark == '\u{308}',
        },
        '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{fe00}'..='\u{fe0f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_again_changes_nothing() {
        for word in ["Größe", "ĲSSEL", "ﬁn", "Ⅷ", "İstanbul", "ΌΔΟΣ", "שָׁלוֹם", "ئۇيغۇر", "가각", "Ưu", "ǅ", "ｶﾞ"]
        {
            let once = fold(word).into_owned();
            assert_eq!(fold(&once), once, "{word}");
            assert!(!once.chars().any(|c| c.is_ascii_uppercase()), "{word}");
        }
        assert_eq!([fold("İstanbul"), fold("Ⅷ"), fold("ĲSSEL")], ["istanbul", "viii", "ijssel"]);
    }
}
