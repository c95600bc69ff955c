//! Pictures and attached files of `macro.formatter`: `image`, `attachment_image`, `attachment_link`.
//!
//! A page shows pictures of its own wiki and those behind `https:`, as the Content-Security-Policy of its answers
//! says. Everything else is refused here with the reason, because the server would leave it out in silence.

use monty_types::{ExcType, MontyObject};

use super::attributes;
use super::formatter::{link, with_class};
use super::links::{address, close, element, open};
use super::reading::Args;
use super::{Context, Reply, Trouble, raise};
use grange_macro_protocol::{Question, Value};

/// What stands before the name of an attached file in page markup.
const ATTACHMENT: &str = "attachment:";

/// An attached file and its page.
struct File {
    page: String,
    name: String,
}

impl Context<'_> {
    /// `image(src=…)`: a picture of the wiki or from `https:`.
    pub(super) fn image(&mut self, args: &Args<'_>) -> Reply {
        let written = args.required(0, "src")?;
        match written.strip_prefix(ATTACHMENT) {
            Some(file) => {
                let file = self.file(file)?;
                self.picture_of(&file, args)
            }
            None => picture(self.source(written)?, None, args),
        }
    }

    /// `attachment_image(url)`: a picture that is attached to this page, or to another as `Page/file`.
    pub(super) fn attachment_image(&mut self, args: &Args<'_>) -> Reply {
        let file = self.file(&args.required(0, "url")?)?;
        self.picture_of(&file, args)
    }

    /// `attachment_link(on, url)`: to the page that shows a file.
    pub(super) fn attachment_link(&mut self, args: &Args<'_>) -> Reply {
        if !args.on()? {
            return Ok(MontyObject::string(close("a")));
        }
        let file = self.file(&args.required(1, "url")?)?;
        match self.is_attached(&file)? {
            true => {
                let more = Self::query(args, args.get(2, "querystr"))?;
                link(args, self.address_of(&file, "view", more), Some("attachment"))
            }
            false => {
                let attributes = self.to_the_form(&file, args)?;
                Ok(MontyObject::string(open("a", &attributes)))
            }
        }
    }

    /// The picture, or a link to the form that attaches it, as page markup has it.
    fn picture_of(&mut self, file: &File, args: &Args<'_>) -> Reply {
        if self.is_attached(file)? {
            return picture(self.address_of(file, "get", Vec::new()), Some(&file.name), args);
        }
        let attributes = self.to_the_form(file, args)?;
        let words = args.named_text("alt")?.unwrap_or_else(|| file.name.clone());
        Ok(MontyObject::string(element("a", &attributes, &words)))
    }

    /// Reads `file`, `Page/file`, each with or without `attachment:` before it.
    fn file(&self, written: &str) -> Result<File, Trouble> {
        let whole = written.strip_prefix(ATTACHMENT).unwrap_or(written).trim();
        let (page, name) = match whole.rsplit_once('/') {
            Some((page, name)) => (page, name),
            None => (self.job.page.name.as_str(), whole),
        };
        if page.is_empty() || name.is_empty() {
            let words = format!("\"{written}\" names no attached file: write file.png or Page/file.png");
            return Err(raise(ExcType::ValueError, words));
        }
        Ok(File {
            page: page.to_owned(),
            name: name.to_owned(),
        })
    }

    fn is_attached(&mut self, file: &File) -> Result<bool, Trouble> {
        let question = Question::Attached(file.page.clone(), file.name.clone());
        Ok(self.ask(question)? == Value::Bool(true))
    }

    fn address_of(&self, file: &File, doing: &str, more: Vec<(String, String)>) -> String {
        let query = [("action", "AttachFile"), ("do", doing), ("target", &file.name)];
        let query = query.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let query: Vec<_> = query.into_iter().chain(more).collect();
        address(&self.job.page.base, &file.page, &query, "")
    }

    fn to_the_form(&self, file: &File, args: &Args<'_>) -> Result<attributes::Attributes, Trouble> {
        let query = [("action", "AttachFile"), ("rename", &file.name)];
        let query = query.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut attributes = with_class(attributes::common(args)?, Some("missing"));
        if !attributes.iter().any(|(name, _)| name == "title") {
            attributes.push((
                "title".to_owned(),
                Some(format!("{} (this file does not exist yet)", file.name)),
            ));
        }
        let href = address(&self.job.page.base, &file.page, &query, "");
        attributes.push(("href".to_owned(), Some(href)));
        Ok(attributes)
    }

    /// The address of a picture that is no attached file.
    fn source(&self, written: String) -> Result<String, Trouble> {
        let refused = |why: &str| {
            Err(raise(
                ExcType::ValueError,
                format!("image(): \"{written}\" {why}"),
            ))
        };
        let begins = |with: &str| {
            let start = written.get(..with.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        if written.chars().any(char::is_control) {
            return refused("has a control character in it");
        }
        if begins("https://") {
            return Ok(written);
        }
        if begins("http://") {
            return refused(
                "cannot be shown: pages show pictures from https: and from this wiki only; link it with url()",
            );
        }
        if begins("/") && !begins("//") && !begins("/\\") {
            return Ok(written);
        }
        if begins("?") {
            let page = address(&self.job.page.base, &self.job.page.name, &[], "");
            return Ok(format!("{page}{written}"));
        }
        refused("is no address of a picture: write https://…, attachment:file.png, /… or ?…")
    }
}

/// The element of a picture; it may have the name of its file for those who do not see it.
fn picture(source: String, name: Option<&str>, args: &Args<'_>) -> Reply {
    let alt = args.named_text("alt")?;
    let alt = alt.unwrap_or_else(|| name.unwrap_or_default().to_owned());
    let mut attributes = vec![("src".to_owned(), Some(source)), ("alt".to_owned(), Some(alt))];
    for name in ["width", "height", "align"] {
        attributes.push((name.to_owned(), args.named_text(name)?));
    }
    attributes.extend(attributes::common(args)?);
    Ok(MontyObject::string(open("img", &attributes)))
}
