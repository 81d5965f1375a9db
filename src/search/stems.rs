//! Endings: the only door to Snowball's stemmers.
//!
//! Words with one stem are one word to a reader: `label`, `labels`, `labelled`. Only the index knows
//! stems; it says of each word whose notes it shares, so a query needs no stemmer in the browser.

use std::borrow::Cow;

/// Takes endings off words, in one language after the other.
pub struct Stems(Vec<frostem::Stemmer>);

impl Stems {
    /// For languages of [`crate::config::Search::languages`].
    pub fn new(languages: &[String]) -> Self {
        Stems(languages.iter().filter_map(|language| frostem::Stemmer::try_from_name(language).ok()).collect())
    }

    /// The stem of a folded word. What holds a digit is a name and stays as it is.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        if word.len() < 3 || word.bytes().any(|byte| byte.is_ascii_digit()) {
            return word.into();
        }
        self.0.iter().fold(word.into(), |word, stemmer| match word {
            Cow::Borrowed(word) => stemmer.stem(word),
            Cow::Owned(word) => stemmer.stem(&word).into_owned().into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LANGUAGES;

    #[test]
    fn every_language_of_the_configuration_has_a_stemmer() {
        for language in LANGUAGES {
            assert_eq!(Stems::new(&[language.to_owned()]).0.len(), 1, "{language}");
        }
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        let stem = |languages: &[&str], word: &str| {
            let languages: Vec<String> = languages.iter().map(|language| (*language).to_owned()).collect();
            Stems::new(&languages).stem(word).into_owned()
        };
        assert_eq!(stem(&["en"], "labelling"), stem(&["en"], "labels"));
        assert_eq!(stem(&["de", "en"], "buchungen"), stem(&["de", "en"], "buchung"));
        assert_eq!(stem(&["de", "en"], "labels"), stem(&["de", "en"], "label"));
        assert_eq!(
            (stem(&["en"], "as"), stem(&["en"], "h264s"), stem(&[], "labels")),
            ("as".into(), "h264s".into(), "labels".into())
        );
    }
}
