//! Running text, with what is turned into links in it: bare addresses, tickets, and people and
//! tags where book.toml switches them on.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use super::links::external;
use super::walk::Walk;
use crate::note::inline::{self, Autolink};
use crate::note::link::{Hole, Name};

/// What was named so far, with its index: each is in the note's lists once.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    tickets: HashMap<Box<str>, u32>,
    names: HashMap<Name, u32>,
}

/// What a hit in plain text is.
#[derive(Clone, Copy)]
enum Sign {
    Ticket,
    Person,
    Tag,
}

/// The index of an item in a list that holds each once; `indices` knows those that are there.
fn index_of<T: Clone + Eq + Hash>(list: &mut Vec<T>, indices: &mut HashMap<T, u32>, item: T) -> u32 {
    *indices.entry(item).or_insert_with_key(|item| {
        list.push(item.clone());
        list.len() as u32 - 1
    })
}

impl Walk<'_, '_> {
    pub(super) fn text(&mut self, text: &str) {
        if self.in_link > 0 {
            self.prose.push(text);
            self.html.write_escaped(text);
            return;
        }
        let mut at = 0;
        for Autolink { range: hit, href } in inline::autolinks(text) {
            self.text_with_names(&text[at..hit.start]);
            self.prose.push(&text[hit.clone()]);
            self.html.write_tag("a", &external(&href, ""));
            self.html.write_escaped(&text[hit.clone()]);
            self.html.write("</a>");
            at = hit.end;
        }
        self.text_with_names(&text[at..]);
    }

    /// Text with what the book turns into links: tickets, and names where they are switched on.
    fn text_with_names(&mut self, text: &str) {
        self.prose.push(text);
        let mut hits: Vec<(Range<usize>, Sign)> =
            self.input.options.find_tickets(text).into_iter().map(|range| (range, Sign::Ticket)).collect();
        let markdown = &self.input.options.markdown;
        for (on, character, sign) in [(markdown.mentions, '@', Sign::Person), (markdown.hashtags, '#', Sign::Tag)] {
            if on {
                hits.extend(inline::signed_words(text, character).into_iter().map(|range| (range, sign)));
            }
        }
        hits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut at = 0;
        for (range, sign) in hits {
            if range.start < at {
                continue;
            }
            self.html.write_escaped(&text[at..range.start]);
            at = range.end;
            let hole = match sign {
                Sign::Ticket => {
                    Hole::Ticket(index_of(&mut self.out.tickets, &mut self.mentions.tickets, text[range].into()))
                }
                Sign::Person => self.name_hole(Name::Person(text[range.start + 1..range.end].into())),
                Sign::Tag => self.name_hole(Name::Tag(text[range.start + 1..range.end].into())),
            };
            self.html.write_hole(hole);
        }
        self.html.write_escaped(&text[at..]);
    }

    fn name_hole(&mut self, name: Name) -> Hole {
        Hole::Name(index_of(&mut self.out.names, &mut self.mentions.names, name))
    }
}
