//! Tables.

use pulldown_cmark::{Alignment, Event};

use super::walk::Walk;
use crate::diagnostic::Code;

/// Cells that a table's short rows are filled up with; GitHub's renderer has the same kind of limit.
const MAX_FILLED_CELLS: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    pub(super) column: usize,
    pub(super) in_head: bool,
    pub(super) body_open: bool,
    /// Rough width in characters of the widest row, to tell whether it may need to scroll.
    width: usize,
    row_width: usize,
    /// Cells filled in so far, in all tables of the note.
    filled_cells: usize,
}

impl Table {
    pub(super) fn begin(&mut self, alignments: &[Alignment]) {
        *self = Table { alignments: alignments.to_vec(), filled_cells: self.filled_cells, ..Table::default() };
    }
}

impl Walk<'_, '_> {
    pub(super) fn table_cell(&mut self, at: usize) -> usize {
        self.end_block();
        let column = self.table.column;
        self.table.column += 1;
        let end = self.matching_end(at);
        if end == at + 1 {
            // An empty cell: written, or filled in where a row is short.
            self.table.filled_cells += 1;
            if self.table.filled_cells > MAX_FILLED_CELLS {
                let span = self.span(at);
                self.problems.say_once(
                    Code::PageTooLarge,
                    "cells",
                    span,
                    "this table has too many empty cells; the others are left out",
                    &[],
                );
                return end + 1;
            }
        }
        let class = match self.table.alignments.get(column) {
            Some(Alignment::Left) => "class=\"left\"",
            Some(Alignment::Center) => "class=\"center\"",
            Some(Alignment::Right) => "class=\"right\"",
            _ => "",
        };
        self.html.write_tag(if self.table.in_head { "th" } else { "td" }, class);
        let width: usize = self.events[at..end]
            .iter()
            .map(|(event, _)| if let Event::Text(t) | Event::Code(t) = event { t.chars().count() } else { 0 })
            .sum();
        self.table.row_width += width.min(24) + 3;
        at + 1
    }

    pub(super) fn end_row(&mut self) {
        self.table.width = self.table.width.max(self.table.row_width);
        self.table.row_width = 0;
    }

    pub(super) fn end_table(&mut self) {
        let inner = self.html.end_part();
        // A region that may scroll must be reachable by keyboard and have a name.
        let attributes = if self.table.width > 40 {
            "class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\""
        } else {
            "class=\"scroll\""
        };
        self.html.write_tag("div", attributes);
        self.html.write("<table>\n");
        self.html.append(inner);
        if self.table.body_open {
            self.html.write("</tbody>\n");
        }
        self.html.write("</table></div>\n");
    }
}
