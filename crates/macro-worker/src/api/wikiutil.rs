//! The little of MoinMoin's modules that macros import: `MoinMoin.wikiutil` and `MoinMoin.Page`.

use grange_macro_protocol::names::WIKIUTIL_FUNCTIONS;
use monty_types::{MontyObject, MontyUuid};

use super::links::{escape, quote, unquote};
use super::reading::Args;
use super::{Context, Reply, Thing, Trouble};

const NAMES_OF_UNIT: [&str; 4] = ["default", "argtype", "units", "defaultunit"];

impl Context<'_> {
    /// The package, with the modules in it.
    pub(super) fn moin_module(&mut self) -> MontyObject {
        let page = self.function("Page");
        let wikiutil = WIKIUTIL_FUNCTIONS
            .map(|name| (name, self.function(name)))
            .to_vec();
        let modules = vec![
            ("wikiutil", module("MoinMoin.wikiutil", 1, wikiutil)),
            ("Page", module("MoinMoin.Page", 2, vec![("Page", page)])),
        ];
        module("MoinMoin", 3, modules)
    }

    fn function(&mut self, name: &'static str) -> MontyObject {
        self.object(Thing::Method(Box::new(Thing::Host), name))
    }

    /// A function of those modules; nothing where it is none.
    pub(super) fn wikiutil_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        let text = match name {
            "escape" => escaped(args)?,
            "quoteWikinameURL" => quote(&args.required(0, "pagename")?, "/:"),
            "url_quote" => quote(
                &args.required(0, "s")?,
                &args.text(1, "safe")?.unwrap_or_else(|| "/".to_owned()),
            ),
            "url_unquote" => unquote(&args.required(0, "s")?),
            "AbsPageName" => absolute(&args.required(0, "context")?, &args.required(1, "pagename")?),
            "RelPageName" => relative(&args.required(0, "context")?, &args.required(1, "pagename")?),
            "required_arg" => {
                let kind = args.raw(0).map_or_else(MontyObject::none, |kind| kind.to_owned());
                return Ok(Some(MontyObject::named_tuple(
                    "required_arg",
                    ["argtype"],
                    [kind],
                )));
            }
            "UnitArgument" => {
                let fields = NAMES_OF_UNIT.iter().enumerate();
                let fields = fields.map(|(place, name)| args.get(place, name));
                let fields =
                    fields.map(|field| field.map_or_else(MontyObject::none, |field| field.to_owned()));
                return Ok(Some(MontyObject::named_tuple(
                    "UnitArgument",
                    NAMES_OF_UNIT,
                    fields,
                )));
            }
            "Page" => return self.make_page(args).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(MontyObject::string(text)))
    }

    /// `Page(request, name)`.
    fn make_page(&mut self, args: &Args<'_>) -> Reply {
        args.only(2, &["request", "pagename"])?;
        let page = args.required(1, "pagename")?;
        Ok(self.object(Thing::Page(page)))
    }
}

fn module(name: &str, id: u128, attributes: Vec<(&str, MontyObject)>) -> MontyObject {
    let attributes = attributes
        .into_iter()
        .map(|(name, value)| (MontyObject::string(name), value));
    MontyObject::module(name, MontyUuid::from_u128(id), attributes)
}

/// `escape(text, quote)`: quotes only when asked for.
fn escaped(args: &Args<'_>) -> Result<String, Trouble> {
    let text = escape(&args.required(0, "s")?);
    Ok(
        match args.get(1, "quote").is_some_and(|quote| quote.is_truthy()) {
            true => text,
            false => text.replace("&quot;", "\"").replace("&#39;", "'"),
        },
    )
}

/// A name as it is meant on a page: `/Sub` and `../Sibling` are relative.
fn absolute(context: &str, name: &str) -> String {
    if let Some(below) = name.strip_prefix('/') {
        return format!("{context}/{below}").trim_matches('/').to_owned();
    }
    let (mut context, mut name) = (context, name);
    let mut is_relative = false;
    while let Some(rest) = name.strip_prefix("../") {
        context = context.rsplit_once('/').map_or("", |(parent, _)| parent);
        name = rest;
        is_relative = true;
    }
    match is_relative {
        true => format!("{context}/{name}").trim_matches('/').to_owned(),
        false => name.to_owned(),
    }
}

fn relative(context: &str, name: &str) -> String {
    match name.strip_prefix(context) {
        Some(below) if below.starts_with('/') => below.to_owned(),
        _ => match context
            .rsplit_once('/')
            .and_then(|(parent, _)| name.strip_prefix(parent))
        {
            Some(beside) if beside.starts_with('/') => format!("..{beside}"),
            _ => name.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_names_are_meant_from_the_page_they_stand_on() {
        assert_eq!(absolute("A/B", "/C"), "A/B/C");
        assert_eq!(absolute("A/B", "../C"), "A/C");
        assert_eq!(absolute("A/B", "C"), "C");
        assert_eq!(relative("A", "A/C"), "/C");
        assert_eq!(relative("A/B", "A/C"), "../C");
        assert_eq!(relative("A/B", "C"), "C");
    }
}
