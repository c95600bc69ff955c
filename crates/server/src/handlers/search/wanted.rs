//! The fields of a search form → a query.
//!
//! The names are MoinMoin's. Fields that a box sends and fields that links carry are the same; `titlesearch=0`
//! means no, because MoinMoin's own forms say so. Start at [`Wanted::read`], then [`Wanted::query`].

use grange_wiki::markup::links::query_encode;
use grange_wiki::search::query::{Case, Field, Reading, Term};
use grange_wiki::search::{Defaults, Excerpts, Query, QueryError};

use crate::extract::query::Fields;

/// What stands around what was found, in bytes: less tells nothing, more is the page itself.
const CONTEXT: std::ops::RangeInclusive<usize> = 40..=600;

/// The fields that the next part of a list needs again.
const KEPT: &[&str] = &[
    "action",
    "value",
    "titlesearch",
    "case",
    "regex",
    "context",
    "advancedsearch",
    "and_terms",
    "or_terms",
    "not_terms",
    "categories",
    "language",
    "includeunderlay",
    "onlysystempages",
];

/// What a visitor looks for.
pub(super) struct Wanted<'q> {
    pub value: &'q str,
    pub titles: bool,
    pub case: bool,
    pub regex: bool,
    /// So many pages were shown before.
    pub from: usize,
    context: usize,
    advanced: Option<Advanced<'q>>,
}

/// The fields of the advanced form.
struct Advanced<'q> {
    all: &'q str,
    any: &'q str,
    none: &'q str,
    categories: &'q str,
    language: &'q str,
    with_underlay: bool,
    only_underlay: bool,
}

impl<'q> Wanted<'q> {
    pub(super) fn read(fields: &'q Fields) -> Wanted<'q> {
        let is_set = |name: &str| !matches!(fields.text(name), "" | "0");
        let number = |name: &str| fields.text(name).trim().parse().unwrap_or(0);
        Wanted {
            value: fields.text("value").trim(),
            titles: is_set("titlesearch"),
            case: is_set("case"),
            regex: is_set("regex"),
            from: number("from"),
            context: number("context"),
            advanced: is_set("advancedsearch").then(|| Advanced {
                all: fields.text("and_terms"),
                any: fields.text("or_terms"),
                none: fields.text("not_terms"),
                categories: fields.text("categories"),
                language: fields.text("language").trim(),
                with_underlay: is_set("includeunderlay"),
                only_underlay: is_set("onlysystempages"),
            }),
        }
    }

    /// What people are told that was looked for.
    pub(super) fn said(&self) -> &str {
        match &self.advanced {
            Some(advanced) if self.value.is_empty() => match advanced.all.trim() {
                "" => "the advanced search",
                all => all,
            },
            _ => self.value,
        }
    }

    pub(super) fn excerpts(&self) -> Excerpts {
        match (self.titles, self.context) {
            (true, _) | (false, 0) => Excerpts::None,
            (false, bytes) => Excerpts::Bytes(bytes.clamp(*CONTEXT.start(), *CONTEXT.end())),
        }
    }

    pub(super) fn query(&self) -> Result<Query, QueryError> {
        let query = Query::parse(self.value, self.defaults())?;
        match &self.advanced {
            None => Ok(query),
            Some(advanced) => advanced.narrow(query, self.defaults()),
        }
    }

    fn defaults(&self) -> Defaults {
        Defaults {
            field: match self.titles {
                true => Field::Title,
                false => Field::Anywhere,
            },
            reading: match self.regex {
                true => Reading::Expression,
                false => Reading::Words,
            },
            case: match self.case {
                true => Case::Counts,
                false => Case::Ignored,
            },
        }
    }

    /// The query of an address that asks for the same again.
    pub(super) fn fields(&self, fields: &Fields) -> String {
        let kept = fields
            .pairs()
            .iter()
            .filter(|(name, value)| KEPT.contains(&name.as_str()) && !value.is_empty());
        let kept: Vec<String> = kept
            .map(|(name, value)| format!("{}={}", query_encode(name), query_encode(value)))
            .collect();
        kept.join("&")
    }
}

impl Advanced<'_> {
    /// The query and all that the fields say.
    fn narrow(&self, query: Query, defaults: Defaults) -> Result<Query, QueryError> {
        let mut parts: Vec<Query> = vec![query, Query::parse(self.all, defaults)?];
        let any = alternatives(Query::parse(self.any, defaults)?);
        parts.extend((!any.is_empty()).then_some(Query::Any(any)));
        let none = alternatives(Query::parse(self.none, defaults)?);
        parts.extend((!none.is_empty()).then(|| Query::Not(Box::new(Query::Any(none)))));
        let categories = Defaults {
            field: Field::Category,
            ..defaults
        };
        let any = alternatives(Query::parse(self.categories, categories)?);
        parts.extend((!any.is_empty()).then_some(Query::Any(any)));
        if !self.language.is_empty() {
            parts.push(in_field(Field::Language, self.language));
        }
        parts.retain(|part| !part.is_empty());
        let domain = match (self.only_underlay, self.with_underlay) {
            (true, _) => Some("system"),
            (false, false) => Some("standard"),
            (false, true) => None,
        };
        // Which pages are meant is no search by itself.
        if !parts.is_empty() {
            parts.extend(domain.map(|domain| in_field(Field::Domain, domain)));
        }
        Ok(Query::All(parts))
    }
}

fn in_field(field: Field, pattern: &str) -> Query {
    Query::Term(Term {
        field,
        ..Term::words(pattern)
    })
}

/// The terms that stand beside each other, each by itself.
fn alternatives(query: Query) -> Vec<Query> {
    match query {
        Query::All(parts) | Query::Any(parts) => parts,
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(fields: &str) -> Query {
        Wanted::read(&Fields::parse(fields)).query().unwrap()
    }

    fn typed(text: &str, defaults: Defaults) -> Query {
        Query::parse(text, defaults).unwrap()
    }

    #[test]
    fn the_boxes_of_the_form_are_the_manner_of_every_term() {
        assert_eq!(query("value=a+b"), typed("a b", Defaults::FULL_TEXT));
        assert_eq!(query("value=a&titlesearch=Titles"), typed("a", Defaults::TITLES));
        assert_eq!(
            query("value=a&titlesearch=0&case=1"),
            typed("case:a", Defaults::FULL_TEXT)
        );
        assert_eq!(query("value=a&regex=1"), typed("regex:a", Defaults::FULL_TEXT));
    }

    #[test]
    fn the_advanced_form_says_the_same_as_prefixes() {
        let fields = "advancedsearch=1&and_terms=a+b&or_terms=c+d&not_terms=e+f&categories=X+Y&language=de\
                      &includeunderlay=1";
        let same = "(a b) (c or d) -(e or f) (category:X or category:Y) language:de";
        assert_eq!(query(fields), typed(same, Defaults::FULL_TEXT));
        let own = query("advancedsearch=1&and_terms=a");
        assert_eq!(own, typed("a domain:standard", Defaults::FULL_TEXT));
        let came = query("advancedsearch=1&and_terms=a&onlysystempages=1");
        assert_eq!(came, typed("a domain:system", Defaults::FULL_TEXT));
        assert!(query("advancedsearch=1&includeunderlay=1").is_empty());
        assert!(query("advancedsearch=1").is_empty());
    }

    #[test]
    fn a_broken_field_of_the_advanced_form_is_told() {
        let fields = Fields::parse("advancedsearch=1&not_terms=(a");
        assert_eq!(Wanted::read(&fields).query(), Err(QueryError::MissingBracket));
    }

    #[test]
    fn excerpts_are_neither_tiny_nor_huge_and_names_have_none() {
        let excerpts = |fields| Wanted::read(&Fields::parse(fields)).excerpts();
        assert_eq!(excerpts("context=180"), Excerpts::Bytes(180));
        assert_eq!(excerpts("context=1"), Excerpts::Bytes(40));
        assert_eq!(excerpts("context=999999999"), Excerpts::Bytes(600));
        assert_eq!(excerpts("context=-5"), Excerpts::None);
        assert_eq!(excerpts("context=180&titlesearch=1"), Excerpts::None);
    }

    #[test]
    fn the_next_part_of_a_list_asks_for_the_same_and_for_nothing_else() {
        let fields = Fields::parse("action=fullsearch&value=a%26b&from=25&ticket=x&case=1");
        let again = Wanted::read(&fields).fields(&fields);
        assert_eq!(again, "action=fullsearch&value=a%26b&case=1");
    }
}
