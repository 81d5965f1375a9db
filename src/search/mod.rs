//! Search: which notes have which words.
//!
//! An [`Index`] is a function of the book. Its [`shards`] are files of the site that a browser loads
//! one by one, and `fieldbook search` asks the same index with the same ranking.
//!
//! - [`lexicon`]: the book's words, and which of them are [forms](stems) of one another
//! - [`postings`]: the notes of each word, what it counts there ([`rank`]) and where it stands
//! - [`related`]: words that stand beside one another; [`texts`]: what the notes say, where that is asked for
//! - [`facets`]: the notes of each kind, team, tag …
//! - [`shards`]: how words are shared out among files, so that an edit changes few of them
//! - [`files`]: what the files say, in [`bits`]
//! - [`brief`]: what the notes that answer say, taken together
//! - [`excerpt`]: a piece of a note that shows why it answers
//! - [`query`]: what a query asks for, and the notes that answer it

use crate::book::{Book, NoteId};

pub mod bits;
pub mod brief;
pub mod excerpt;
pub mod facets;
pub mod files;
pub mod lexicon;
pub mod postings;
pub mod query;
pub mod rank;
pub mod related;
pub mod shards;
pub mod stems;
pub mod texts;

use facets::Facet;
use lexicon::Lexicon;
use postings::Postings;

/// The index of a book.
#[derive(Debug)]
pub struct Index {
    /// The notes by their number in the index: the oldest first, so that a new note is the last one
    /// and moves none, then by path.
    pub notes: Vec<NoteId>,
    /// The number in the index of each note of the book.
    pub numbers: Vec<Option<u32>>,
    /// The words.
    pub lexicon: Lexicon,
    /// The notes of each word.
    pub postings: Postings,
    /// What notes are filtered by.
    pub facets: Vec<Facet>,
    /// For each group that has any, the groups that often stand beside it.
    pub related: Vec<(usize, Vec<usize>)>,
}

impl Index {
    /// Indexes all notes of a book: those of an ordinary build are all public.
    pub fn new(book: &Book) -> Self {
        let mut notes: Vec<NoteId> = (0..book.notes.len()).map(NoteId::new).collect();
        notes.retain(|id| book.entry(*id).route.as_str() != "404.html");
        notes.sort_by_cached_key(|id| (book.entry(*id).date, *id));
        let mut numbers = vec![None; book.notes.len()];
        for (number, id) in notes.iter().enumerate() {
            numbers[id.index()] = Some(number as u32);
        }
        let (lexicon, spoken) = lexicon::read(book, &notes);
        let postings = postings::assemble(book, &notes, &lexicon, &spoken);
        let facets = facets::assemble(book, &numbers);
        let related = related::gather(&lexicon, &postings, notes.len());
        Index { notes, numbers, lexicon, postings, facets, related }
    }
}
