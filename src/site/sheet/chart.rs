//! Drawings: SVG made with the page. Shapes have classes and no styles, so the page's policy holds and
//! the theme's colours count; every value also stands beside its shape as text, and in a table.

use std::fmt::Write;

use crate::note::html::{escape, escape_url};

/// A drawing under construction, in units of a pixel at its natural size.
struct Drawing {
    svg: String,
}

/// Where a text is anchored.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    fn new(width: f64, height: f64, name: &str, description: &str) -> Self {
        let (width, height) = (n(width), n(height));
        let mut svg = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\""
        );
        escape(&mut svg, name);
        svg.push_str("\"><title>");
        escape(&mut svg, name);
        svg.push_str("</title><desc>");
        escape(&mut svg, description);
        svg.push_str("</desc>");
        Drawing { svg }
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }

    fn raw(&mut self, svg: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.svg.write_fmt(svg);
    }

    fn text(&mut self, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        self.raw(format_args!("<text x=\"{}\" y=\"{}\"{anchor}>", n(x), n(y)));
        escape(&mut self.svg, text);
        self.svg.push_str("</text>");
    }

    fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        self.raw(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
    }

    fn circle(&mut self, class: &str, x: f64, y: f64, r: f64) {
        self.raw(format_args!("<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>", n(x), n(y), n(r)));
    }

    fn path(&mut self, class: &str, d: &str, marker: bool) {
        let marker = if marker { " marker-end=\"url(#fb-arrow)\"" } else { "" };
        self.raw(format_args!("<path class=\"{class}\" d=\"{d}\"{marker}/>"));
    }

    fn arrow_head(&mut self) {
        self.svg.push_str(
            "<defs><marker id=\"fb-arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>",
        );
    }
}

/// A number as SVG wants it: one decimal, and none where it is whole. The same on every machine.
fn n(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        _ => format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10),
    }
}

/// The width of a text in the charts' letters, about.
fn width(text: &str) -> f64 {
    text.chars().count() as f64 * 7.3
}

/// Rows of columns of numbers as dots that grow with them: what comes when, and what comes back. A row
/// has as many places as there are columns, some of them without a number.
pub fn dots(name: &str, description: &str, columns: &[String], rows: &[(String, Vec<Option<usize>>)]) -> String {
    let left = rows.iter().map(|(label, _)| width(label)).fold(60.0, f64::max).min(260.0) + 12.0;
    let step = (columns.iter().map(|label| width(label)).fold(0.0, f64::max) + 10.0).max(34.0);
    let most = rows.iter().flat_map(|(_, counts)| counts).flatten().copied().max().unwrap_or(1).max(1) as f64;
    let (row, top) = (30.0, 26.0);
    let mut drawing =
        Drawing::new(left + step * columns.len() as f64, top + row * rows.len() as f64 + 6.0, name, description);
    for (at, label) in columns.iter().enumerate() {
        drawing.text(left + step * (at as f64 + 0.5), 14.0, Anchor::Middle, label);
    }
    for (at, (label, counts)) in rows.iter().enumerate() {
        let y = top + row * (at as f64 + 0.5);
        let label = crate::text::truncate(label, 34);
        drawing.path("rule", &format!("M{} {}H{}", n(left), n(y), n(left + step * columns.len() as f64)), false);
        drawing.text(left - 10.0, y + 4.0, Anchor::End, &label);
        for (column, count) in counts.iter().enumerate().filter_map(|(column, count)| Some((column, (*count)?))) {
            let x = left + step * (column as f64 + 0.5);
            let r = 8.0 + 5.0 * (count as f64 / most).sqrt();
            drawing.circle(if count == 0 { "s4" } else { "s0" }, x, y, r);
            drawing.raw(format_args!(
                "<text class=\"on\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{count}</text>",
                n(x),
                n(y + 4.0)
            ));
        }
    }
    drawing.finish()
}

/// Groups of bars, one for each series, with the number above each.
pub fn bars(name: &str, description: &str, series: &[&str], groups: &[(String, Vec<usize>)]) -> String {
    let (bar, gap, height, top) = (18.0, 22.0, 120.0, 40.0);
    let label = groups.iter().map(|(label, _)| width(label)).fold(0.0, f64::max) + 8.0;
    let group = (bar * series.len() as f64 + gap).max(label);
    let legend: f64 = series.iter().map(|name| width(name) + 30.0).sum();
    let most = groups.iter().flat_map(|(_, counts)| counts).copied().max().unwrap_or(1).max(1) as f64;
    let whole = (group * groups.len() as f64).max(legend) + 10.0;
    let mut drawing = Drawing::new(whole, top + height + 26.0, name, description);
    let mut x = 2.0;
    for (at, name) in series.iter().enumerate() {
        drawing.rect(&format!("s{at}"), x, 4.0, 12.0, 12.0);
        drawing.text(x + 18.0, 14.0, Anchor::Start, name);
        x += width(name) + 30.0;
    }
    for (at, (label, counts)) in groups.iter().enumerate() {
        let middle = group * (at as f64 + 0.5);
        let start = middle - bar * counts.len() as f64 / 2.0;
        for (series, count) in counts.iter().enumerate() {
            let tall = height * *count as f64 / most;
            let x = start + bar * series as f64;
            drawing.rect(&format!("s{series}"), x + 1.0, top + height - tall, bar - 2.0, tall.max(1.0));
            drawing.text(x + bar / 2.0, top + height - tall - 4.0, Anchor::Middle, &count.to_string());
        }
        drawing.text(middle, top + height + 18.0, Anchor::Middle, label);
    }
    drawing.path("rule", &format!("M0 {}H{}", n(top + height + 0.5), n(whole)), false);
    drawing.finish()
}

/// A way through some stages: how many came how far, and what lies between.
pub fn flow(name: &str, description: &str, stages: &[(&str, usize)], between: &[String]) -> String {
    let (wide, tall, gap) = (124.0, 64.0, 96.0);
    let whole = (wide + gap) * stages.len() as f64 - gap + 4.0;
    let mut drawing = Drawing::new(whole, tall + 44.0, name, description);
    drawing.arrow_head();
    for (at, (label, count)) in stages.iter().enumerate() {
        let x = 2.0 + (wide + gap) * at as f64;
        drawing.rect("box", x, 22.0, wide, tall);
        drawing.raw(format_args!(
            "<text class=\"big\" x=\"{}\" y=\"52\" text-anchor=\"middle\">{count}</text>",
            n(x + wide / 2.0)
        ));
        drawing.text(x + wide / 2.0, 74.0, Anchor::Middle, label);
        if let Some(days) = between.get(at).filter(|_| at + 1 < stages.len()) {
            drawing.path("line", &format!("M{} 54H{}", n(x + wide + 4.0), n(x + wide + gap - 5.0)), true);
            drawing.text(x + wide + gap / 2.0, 44.0, Anchor::Middle, days);
        }
    }
    drawing.finish()
}

/// A factor of a graph: its label, and its address or nothing.
pub struct Node {
    /// What it is called.
    pub label: String,
    /// Relative address, or empty.
    pub href: String,
}

/// An arrow of a graph between two of its nodes, and the sign at its head.
pub struct Edge {
    /// Index of the node that it leaves.
    pub from: usize,
    /// Index of the node that it leads to.
    pub to: usize,
    /// `+`, `−` or nothing.
    pub sign: &'static str,
}

/// Nodes on a circle, in their order, with bowed arrows between them: each arrow to the right of the
/// way that it goes, so that there and back are two lines.
pub fn graph(name: &str, description: &str, nodes: &[Node], edges: &[Edge]) -> String {
    let count = nodes.len().max(1) as f64;
    let label = nodes.iter().map(|node| width(&crate::text::truncate(&node.label, 28))).fold(60.0, f64::max);
    let radius = (count * 22.0).clamp(110.0, 420.0);
    let (centre_x, centre_y) = (radius + label + 26.0, radius + 34.0);
    let mut drawing = Drawing::new(centre_x * 2.0, centre_y * 2.0, name, description);
    drawing.arrow_head();
    let angle = |at: usize| std::f64::consts::TAU * at as f64 / count - std::f64::consts::FRAC_PI_2;
    let place = |at: usize| (centre_x + radius * angle(at).cos(), centre_y + radius * angle(at).sin());
    for edge in edges {
        let ((x1, y1), (x2, y2)) = (place(edge.from), place(edge.to));
        let (dx, dy) = (x2 - x1, y2 - y1);
        let length = dx.hypot(dy).max(1.0);
        let (nx, ny) = (-dy / length, dx / length);
        let bow = (length * 0.16).min(46.0);
        let (cx, cy) = ((x1 + x2) / 2.0 + nx * bow, (y1 + y2) / 2.0 + ny * bow);
        let towards = |x: f64, y: f64, from: (f64, f64), by: f64| {
            let far = (x - from.0).hypot(y - from.1).max(1.0);
            (from.0 + (x - from.0) / far * by, from.1 + (y - from.1) / far * by)
        };
        let (sx, sy) = towards(cx, cy, (x1, y1), 9.0);
        let (ex, ey) = towards(cx, cy, (x2, y2), 11.0);
        let class = if edge.sign == "−" { "line less" } else { "line" };
        drawing.path(class, &format!("M{} {}Q{} {} {} {}", n(sx), n(sy), n(cx), n(cy), n(ex), n(ey)), true);
        if !edge.sign.is_empty() {
            let (tx, ty) = towards(cx, cy, (x2, y2), 26.0);
            drawing.raw(format_args!(
                "<text class=\"sign\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                n(tx + nx * 9.0),
                n(ty + ny * 9.0 + 5.0),
                edge.sign
            ));
        }
    }
    for (at, node) in nodes.iter().enumerate() {
        let (x, y) = place(at);
        let across = angle(at).cos();
        let (anchor, dx) = match across {
            c if c > 0.15 => (Anchor::Start, 13.0),
            c if c < -0.15 => (Anchor::End, -13.0),
            _ => (Anchor::Middle, 0.0),
        };
        let down = if dx == 0.0 { 15.0 * angle(at).sin().signum() + 4.0 } else { 4.0 };
        if !node.href.is_empty() {
            drawing.raw(format_args!("<a href=\"{}\">", escape_url(&node.href)));
        }
        drawing.circle("s0", x, y, 6.0);
        drawing.text(x + dx, y + down, anchor, &crate::text::truncate(&node.label, 28));
        if !node.href.is_empty() {
            drawing.svg.push_str("</a>");
        }
    }
    drawing.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_what_notes_say_is_text() {
        assert_eq!([1.0, 0.25, -0.25, -3.0, 2.04].map(n), ["1", "0.3", "-0.3", "-3", "2"]);
        let rows = [("<script>".to_owned(), vec![Some(1), None])];
        let svg = dots("\"a\" & b", "d", &["Q1".into(), "Q2".into()], &rows);
        assert!(
            !svg.contains("<script")
                && svg.contains("&lt;script&gt;")
                && svg.contains("aria-label=\"&quot;a&quot; &amp; b\"")
        );
        assert!(!svg.contains("style="));
    }

    #[test]
    fn a_graph_links_its_nodes_and_signs_its_arrows() {
        let nodes = [
            Node { label: "trust".into(), href: "trust.html".into() },
            Node { label: "calls".into(), href: String::new() },
        ];
        let svg = graph("Map", "d", &nodes, &[Edge { from: 0, to: 1, sign: "−" }]);
        assert_eq!((svg.matches("<a href").count(), svg.matches("<circle").count()), (1, 2));
        assert!(svg.contains("class=\"line less\"") && svg.contains(">−</text>"));
    }
}
