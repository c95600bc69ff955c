//! A page: `macro.page`, `formatter.page`, `request.rootpage`, `Page(request, name)`.
//!
//! Texts and facts are asked from the server, which answers with the viewer's rights: what the viewer may
//! not read does not exist here.

use grange_macro_protocol::{Question, Value};
use monty_types::{ExcType, MontyObject};

use super::links::{address, element};
use super::reading::Args;
use super::{Context, Reply, Thing, Trouble, raise};
use crate::values;

impl Context<'_> {
    /// An attribute of a page.
    pub(super) fn page_attribute(&mut self, page: &str, name: &str) -> Result<Option<MontyObject>, Trouble> {
        let fact = match name {
            "page_name" => return Ok(Some(MontyObject::string(page))),
            "mtime" => match self.fact(page, "mtime_ms")? {
                Value::Int(ms) => return Ok(Some(MontyObject::float(ms as f64 / 1000.0))),
                other => other,
            },
            "editor" => self.fact(page, "editor")?,
            "comment" => self.fact(page, "comment")?,
            "rev" | "revision" => self.fact(page, "revision")?,
            _ => return Ok(None),
        };
        Ok(Some(values::object(&fact)))
    }

    /// A method of a page.
    pub(super) fn page_method(
        &mut self,
        page: &str,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        let value = match name {
            "get_raw_body" => match self.ask(Question::PageText(page.to_owned()))? {
                Value::Null => Value::Text(String::new()),
                text => text,
            },
            "exists" => Value::Bool(self.exists(page)?),
            "size" => number(self.fact(page, "size")?),
            "mtime_usecs" => match self.fact(page, "mtime_ms")? {
                Value::Int(ms) => Value::Int(ms.saturating_mul(1000)),
                _ => Value::Int(0),
            },
            "current_rev" | "get_real_rev" => number(self.fact(page, "revision")?),
            "url" => {
                let query = Self::query(args, args.get(1, "querystr"))?;
                let anchor = args.text(2, "anchor")?.unwrap_or_default();
                Value::Text(address(&self.job.page.base, page, &query, &anchor))
            }
            "link_to" => return self.link_to(page, args).map(Some),
            "split_title" => Value::Text(page.to_owned()),
            "getParentPage" => return Ok(Some(self.parent(page))),
            "getPageList" => return self.page_list(args).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(values::object(&value)))
    }

    /// Whether a page exists for the viewer.
    pub(super) fn exists(&mut self, page: &str) -> Result<bool, Trouble> {
        let answer = self.ask(Question::Exist(vec![page.to_owned()]))?;
        Ok(matches!(answer, Value::List(found) if found.first() == Some(&Value::Bool(true))))
    }

    fn fact(&mut self, page: &str, name: &str) -> Result<Value, Trouble> {
        let facts = self.ask(Question::PageFacts(page.to_owned()))?;
        let Value::Map(facts) = facts else {
            return Ok(Value::Null);
        };
        let found = facts.into_iter().find(|(key, _)| key == name);
        Ok(found.map_or(Value::Null, |(_, value)| value))
    }

    fn parent(&mut self, page: &str) -> MontyObject {
        match page.rsplit_once('/') {
            Some((parent, _)) => self.object(Thing::Page(parent.to_owned())),
            None => MontyObject::none(),
        }
    }

    fn page_list(&mut self, args: &Args<'_>) -> Reply {
        args.only(0, &[])?;
        Ok(values::object(&self.ask(Question::PageList)?))
    }

    /// `page.link_to(request, text)`: a link as `formatter.pagelink` makes it.
    fn link_to(&mut self, page: &str, args: &Args<'_>) -> Reply {
        args.only(2, &["request", "text", "querystr", "anchor", "css_class"])?;
        let text = args.text(1, "text")?.unwrap_or_else(|| page.to_owned());
        let query = Self::query(args, args.named("querystr"))?;
        let anchor = args.named_text("anchor")?.unwrap_or_default();
        let class = args.named_text("css_class")?;
        let (class, title) = match self.exists(page)? {
            true => (class, None),
            false => (Some("missing".to_owned()), Some(not_there(page))),
        };
        let href = address(&self.job.page.base, page, &query, &anchor);
        Ok(MontyObject::string(element(
            "a",
            &[("class", class), ("title", title), ("href", Some(href))],
            &text,
        )))
    }

    /// A page's name from an argument that is its name or the page itself.
    pub(super) fn page_name(&self, args: &Args<'_>, place: usize) -> Result<String, Trouble> {
        let Some(found) = args.raw(place) else {
            return Err(raise(ExcType::TypeError, "the name of a page is missing"));
        };
        args.as_text(found, "pagename")
    }
}

/// What page markup says of a link to such a page.
pub(super) fn not_there(page: &str) -> String {
    format!("{page} (this page does not exist yet)")
}

fn number(value: Value) -> Value {
    match value {
        Value::Null => Value::Int(0),
        other => other,
    }
}
