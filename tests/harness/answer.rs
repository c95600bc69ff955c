//! What came back, looked at as a browser would.

use scraper::{ElementRef, Html, Selector};

/// An answer of the server.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every Set-Cookie line.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The one Set-Cookie line with the session's id written as `ID`; `None` when there is no line.
    pub fn cookie_line(&self) -> Option<String> {
        let lines = self.set_cookies();
        assert!(lines.len() < 2, "one answer sets one cookie: {lines:?}");
        let (name, rest) = lines.first()?.split_once('=').expect("a name and a value");
        let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
        let value = if value.is_empty() { "" } else { "ID" };
        Some(format!("{name}={value};{attributes}"))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The words of the page's content, white space folded.
    pub fn content(&self) -> String {
        self.words("#content").unwrap_or_default()
    }

    /// The words of the first element that a selector finds.
    pub fn words(&self, selector: &str) -> Option<String> {
        let html = self.html();
        html.select(&parsed(selector)).next().map(words_of)
    }

    /// The labels of the trail's links; `None` when the page has no trail.
    pub fn trail(&self) -> Option<Vec<String>> {
        let html = self.html();
        let trail = html.select(&parsed("#trail")).next()?;
        Some(trail.select(&parsed("a")).map(words_of).collect())
    }

    /// The addresses of the trail's links.
    pub fn trail_hrefs(&self) -> Vec<String> {
        self.attributes("#trail a", "href")
    }

    /// The wiki that the page says it belongs to.
    pub fn wiki(&self) -> Option<String> {
        self.attributes("meta[name=grange-wiki]", "content").pop()
    }

    /// The user that the page says is logged in.
    pub fn user(&self) -> Option<String> {
        self.attributes("meta[name=grange-user]", "content").pop()
    }

    /// The values of an attribute of all elements that a selector finds.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let (html, selector) = (self.html(), parsed(selector));
        let found = html
            .select(&selector)
            .filter_map(|element| element.value().attr(attribute));
        found.map(str::to_owned).collect()
    }

    /// Whether a selector finds anything.
    pub fn has(&self, selector: &str) -> bool {
        self.html().select(&parsed(selector)).next().is_some()
    }

    /// The hidden ticket of the form that posts to this action.
    pub fn ticket(&self, action: &str) -> Option<String> {
        let selector = format!("form[action*=\"action={action}\"] input[name=ticket]");
        self.attributes(&selector, "value").into_iter().next()
    }

    /// The value of a field (an input's value or a text area's text).
    pub fn field(&self, name: &str) -> Option<String> {
        let html = self.html();
        let input = html.select(&parsed(&format!("input[name={name}]"))).next();
        if let Some(input) = input {
            return input.value().attr("value").map(str::to_owned);
        }
        let area = html.select(&parsed(&format!("textarea[name={name}]"))).next()?;
        Some(area.text().collect())
    }

    fn html(&self) -> Html {
        Html::parse_document(&self.text())
    }
}

fn parsed(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn words_of(element: ElementRef<'_>) -> String {
    element
        .text()
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}
