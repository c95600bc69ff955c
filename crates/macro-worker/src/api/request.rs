//! `macro.request`: the view. What depends on who looks is marked before it is handed out.

use grange_macro_protocol::{Question, Value};
use monty_types::{MontyObject, ObjectRef};

use super::links::{address, query_of};
use super::reading::Args;
use super::{Again, Context, Reply, Thing, Trouble};
use crate::values;

impl Context<'_> {
    /// An attribute of `request`.
    pub(super) fn request_attribute(&mut self, name: &str) -> Result<Option<MontyObject>, Trouble> {
        let found = match name {
            "session" => return self.session(),
            "dicts" => return Ok(self.live.get("dicts").cloned()),
            "groups" => return Ok(self.live.get("groups").cloned()),
            "user" => {
                self.touched.user = true;
                self.object(Thing::User)
            }
            "content_lang" => MontyObject::string(self.job.page.language.as_str()),
            "lang" => {
                self.touched.language = true;
                MontyObject::string(self.job.visit.language.as_str())
            }
            "args" | "values" | "form" | "rev" | "isSpiderAgent" => self.address_attribute(name),
            "clock" => {
                self.touched.moment = true;
                self.object(Thing::Clock)
            }
            "cfg" => self.object(Thing::Cfg),
            "page" => self.object(Thing::Page(self.job.page.name.clone())),
            "rootpage" => self.object(Thing::Page(String::new())),
            "formatter" => self.formatter_object(),
            "theme" => self.object(Thing::Theme),
            "script_root" => MontyObject::string(self.job.page.base.as_str()),
            "mode_getpagelinks" => MontyObject::int(0),
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    /// What the address said.
    fn address_attribute(&mut self, name: &str) -> MontyObject {
        self.touched.address = true;
        match name {
            "rev" => match self
                .job
                .visit
                .revision
                .and_then(|revision| i64::try_from(revision).ok())
            {
                Some(revision) => MontyObject::int(revision),
                None => MontyObject::none(),
            },
            "isSpiderAgent" => MontyObject::bool(self.job.visit.is_robot),
            _ => MontyObject::dict(self.job.visit.query.iter().map(|(key, value)| {
                (
                    MontyObject::string(key.as_str()),
                    MontyObject::string(value.as_str()),
                )
            })),
        }
    }

    /// A method of `request`.
    pub(super) fn request_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        match name {
            "getText" => self.translate(args).map(Some),
            "getPragma" => {
                let pragma = self.ask(Question::Pragma(args.required(0, "name")?))?;
                Ok(Some(match (pragma, args.get(1, "default")) {
                    (Value::Null, Some(default)) => default.to_owned(),
                    (pragma, _) => values::object(&pragma),
                }))
            }
            "href" => self.href(args).map(Some),
            "uid_generator" => {
                let name = args.text(0, "pagename")?.unwrap_or_default();
                let seen = self.ids.entry(name.clone()).or_insert(0);
                *seen += 1;
                Ok(Some(MontyObject::string(match *seen {
                    1 => name,
                    again => format!("{name}-{again}"),
                })))
            }
            _ => Ok(None),
        }
    }

    fn translate(&mut self, args: &Args<'_>) -> Reply {
        args.only(1, &["formatted", "wiki", "percent"])?;
        let message = args.required(0, "message")?;
        self.touched.language = true;
        if let Some(known) = self.translations.get(&message) {
            return Ok(MontyObject::string(known.as_str()));
        }
        let translated = match self.ask(Question::Translate(message.clone()))? {
            Value::Text(text) => text,
            _ => message.clone(),
        };
        self.translations.insert(message, translated.clone());
        Ok(MontyObject::string(translated))
    }

    fn href(&self, args: &Args<'_>) -> Reply {
        let mut query = Vec::new();
        for (key, value) in args.all_named() {
            query.push((key.to_owned(), args.as_text(value, key)?));
        }
        let page = args.text(0, "page")?.unwrap_or_default();
        Ok(MontyObject::string(address(
            &self.job.page.base,
            &page,
            &query,
            "",
        )))
    }

    /// A query as MoinMoin's functions take it: a dict, or text that is one already.
    pub(super) fn query(
        args: &Args<'_>,
        found: Option<ObjectRef<'_>>,
    ) -> Result<Vec<(String, String)>, Trouble> {
        let Some(found) = found else { return Ok(Vec::new()) };
        match found.pairs() {
            None => Ok(query_of(&args.as_text(found, "querystr")?)),
            Some(pairs) => {
                let pairs = pairs.into_iter();
                pairs
                    .map(|(key, value)| {
                        Ok((args.as_text(key, "querystr")?, args.as_text(value, "querystr")?))
                    })
                    .collect()
            }
        }
    }

    /// A dict page's entries, for `request.dicts`.
    pub(super) fn read_dict(&mut self, args: &Args<'_>) -> Reply {
        Ok(values::object(
            &self.ask(Question::Dict(args.required(0, "name")?))?,
        ))
    }

    /// A group page's members, for `request.groups`.
    pub(super) fn read_group(&mut self, args: &Args<'_>) -> Reply {
        Ok(values::object(
            &self.ask(Question::Group(args.required(0, "name")?))?,
        ))
    }

    /// What is known of dicts already.
    pub(super) fn known_dicts(&self) -> MontyObject {
        values::map(&self.carried.dicts)
    }

    /// What is known of groups already.
    pub(super) fn known_groups(&self) -> MontyObject {
        values::map(&self.carried.groups)
    }

    /// Asks for the dicts and groups that `[]` and `in` would have needed.
    pub(super) fn wanted(&mut self, args: &Args<'_>) -> Reply {
        let names = |place| {
            let names = args
                .raw(place)
                .and_then(|names| names.items())
                .unwrap_or_default();
            names
                .into_iter()
                .filter_map(|name| name.as_str())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (dicts, groups) = (names(0), names(1));
        if dicts.is_empty() && groups.is_empty() {
            return Ok(MontyObject::none());
        }
        for name in dicts {
            let answer = self.ask(Question::Dict(name.clone()))?;
            self.carried.dicts.push((name, answer));
        }
        for name in groups {
            let answer = self.ask(Question::Group(name.clone()))?;
            self.carried.groups.push((name, answer));
        }
        Err(Trouble::Again(Again::WithLookups))
    }
}
