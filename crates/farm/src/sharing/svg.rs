//! Sharing as a drawing: a row for each wiki, a column for each thing, a bar over the wikis that share it.
//!
//! Static: no script, nothing loaded, no style attribute, so it stands in a page under the strictest policy. In a page it
//! takes the page's own text colour; as a file it brings a sheet for light and dark. The bars' letters say what their
//! colours say, and the description says it in words for those who do not see it. Texts from outside are escaped here.

use std::fmt::{self, Write as _};

use super::rows::{COLUMNS, Row, rows};
use super::{Label, ONE_TRUST_DOMAIN, Sharing, text};

/// Where a drawing will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SvgFor {
    /// Inside an HTML page: in the text colour around it.
    Page,
    /// A file of its own: with colours for light and dark.
    File,
}

const ROW: usize = 30;
const HEAD: usize = 40;
const COLUMN: usize = 96;
const BAR: usize = 56;
const MARGIN: usize = 16;

/// One for each column: 4.5:1 and more with the white letters on it, 3:1 and more with a dark page.
const COLOURS: [&str; 4] = ["#a35d18", "#2b78b8", "#2a8150", "#a0529a"];

const LEGEND: &str = "Bar: shared by its rows, and by those with the same letter. Ring: its own.";

const SHEET: &str = "<style>:root{color-scheme:light dark;color:#1c1c1c;background:#fff}\
    @media (prefers-color-scheme:dark){:root{color:#ececec;background:#181818}}</style>";

pub(super) fn draw(sharing: &Sharing, purpose: SvgFor) -> String {
    let (rows, more) = rows(sharing);
    let drawing = Drawing {
        names: name_width(&rows),
        rows,
        more,
    };
    let mut svg = String::new();
    // Writing to a String cannot fail.
    _ = drawing.write(&mut svg, sharing, purpose);
    svg
}

struct Drawing {
    rows: Vec<Row>,
    /// How many rows are left out.
    more: usize,
    /// The width of the column of names.
    names: usize,
}

/// Wide enough for the longest name in a font of this size; a wide letter counts as one and a half.
fn name_width(rows: &[Row]) -> usize {
    let longest = rows
        .iter()
        .map(|row| row.names.chars().count())
        .max()
        .unwrap_or_default();
    (longest * 8).clamp(80, 1200) + MARGIN
}

impl Drawing {
    fn write(&self, svg: &mut String, sharing: &Sharing, purpose: SvgFor) -> fmt::Result {
        let width = MARGIN + self.names + COLUMNS.len() * COLUMN + MARGIN;
        let lines = self.rows.len() + usize::from(self.more > 0);
        // The line below is the legend.
        let height = HEAD + (lines + 1) * ROW + MARGIN;
        write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sharing\" role=\"img\" \
             aria-labelledby=\"sharing-title sharing-description\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"currentColor\">"
        )?;
        write!(svg, "<title id=\"sharing-title\">Which wikis share what</title>")?;
        let description = Escaped(&describe(&self.rows, sharing)).to_string();
        write!(svg, "<desc id=\"sharing-description\">{description}</desc>")?;
        if purpose == SvgFor::File {
            svg.push_str(SHEET);
        }
        self.write_head(svg, width)?;
        for (number, row) in self.rows.iter().enumerate() {
            self.write_row(svg, number, row)?;
        }
        for (column, colour) in COLOURS.iter().enumerate() {
            self.write_bars(svg, column, colour)?;
        }
        if self.more > 0 {
            let (x, y) = (MARGIN, text_line(self.rows.len()));
            write!(
                svg,
                "<text x=\"{x}\" y=\"{y}\">and {} rows more</text>",
                self.more
            )?;
        }
        let (x, y) = (MARGIN, text_line(lines));
        write!(svg, "<text x=\"{x}\" y=\"{y}\" font-size=\"12\">{LEGEND}</text>")?;
        svg.push_str("</svg>\n");
        Ok(())
    }

    /// The middle of a column.
    fn middle(&self, column: usize) -> usize {
        MARGIN + self.names + column * COLUMN + COLUMN / 2
    }

    fn write_head(&self, svg: &mut String, width: usize) -> fmt::Result {
        let y = HEAD - 14;
        for (column, name) in COLUMNS.iter().enumerate() {
            let x = self.middle(column);
            write!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-weight=\"600\">{name}</text>"
            )?;
        }
        let (right, line) = (width - MARGIN, HEAD - 4);
        write!(
            svg,
            "<path d=\"M{MARGIN} {line}H{right}\" stroke=\"currentColor\" stroke-opacity=\"0.35\" fill=\"none\"/>"
        )
    }

    fn write_row(&self, svg: &mut String, number: usize, row: &Row) -> fmt::Result {
        let y = text_line(number);
        write!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{y}\">{}</text>",
            Escaped(&row.names)
        )?;
        let middle = top(number) + ROW / 2;
        for (column, label) in row.labels.iter().enumerate() {
            if label.is_none() {
                let x = self.middle(column);
                write!(
                    svg,
                    "<circle cx=\"{x}\" cy=\"{middle}\" r=\"5\" fill=\"none\" stroke=\"currentColor\" \
                     stroke-opacity=\"0.55\"/>"
                )?;
            }
        }
        Ok(())
    }

    /// A bar over neighbouring rows with one label.
    fn write_bars(&self, svg: &mut String, column: usize, colour: &str) -> fmt::Result {
        let label = |row: &Row| row.labels.get(column).cloned().flatten();
        let mut first = 0;
        for run in self.rows.chunk_by(|one, other| label(one) == label(other)) {
            if let Some(label) = run.first().and_then(label) {
                self.write_bar(svg, (column, colour), (first, run.len()), &label)?;
            }
            first += run.len();
        }
        Ok(())
    }

    fn write_bar(
        &self,
        svg: &mut String,
        (column, colour): (usize, &str),
        (first, rows): (usize, usize),
        label: &Label,
    ) -> fmt::Result {
        let middle = self.middle(column);
        let (x, y, height) = (middle - BAR / 2, top(first) + 4, rows * ROW - 8);
        write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{BAR}\" height=\"{height}\" rx=\"8\" fill=\"{colour}\"/>"
        )?;
        let line = y + height / 2 + 5;
        write!(
            svg,
            "<text x=\"{middle}\" y=\"{line}\" text-anchor=\"middle\" font-weight=\"600\" fill=\"#fff\">{}</text>",
            Escaped(label)
        )
    }
}

/// The upper edge of a row.
fn top(row: usize) -> usize {
    HEAD + row * ROW
}

/// Where the letters of a row stand.
fn text_line(row: usize) -> usize {
    top(row) + ROW / 2 + 5
}

/// The drawing in words.
fn describe(rows: &[Row], sharing: &Sharing) -> String {
    let mut words = String::from("A table of wikis; a bar over several of them is what they share. ");
    for circle in sharing.circles.iter().take(rows.len()) {
        let names = super::rows::names(circle.wikis.iter());
        // Writing to a String cannot fail.
        _ = write!(words, "{}: {names}. {} ", circle.label, text::meaning(circle));
    }
    if sharing.circles.is_empty() {
        words.push_str("No wiki shares anything with another. ");
    }
    if !sharing.trust_domains.is_empty() {
        words.push_str("Some wikis stand on one host. ");
        words.push_str(ONE_TRUST_DOMAIN);
    }
    words.trim_end().to_owned()
}

/// Text between tags.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
