//! The arguments of a call, read as MoinMoin's functions read theirs: by place or by name.
//!
//! A name that a function does not know is an error and never passed over in silence.

use grange_macro_protocol::keywords;
use monty_types::{CallArgs, ExcType, ObjectRef};

use super::{Trouble, raise};
use crate::values;

/// The arguments of one call.
pub struct Args<'a> {
    function: &'a str,
    args: &'a CallArgs,
}

impl<'a> Args<'a> {
    /// The arguments of a call of this function.
    pub fn new(function: &'a str, args: &'a CallArgs) -> Args<'a> {
        Args { function, args }
    }

    /// The argument at a place or of a name, unless it is None.
    pub fn get(&self, place: usize, name: &str) -> Option<ObjectRef<'a>> {
        let found = self.args.arg(place).or_else(|| self.args.kwarg(name));
        found.filter(|found| found.type_name() != "NoneType")
    }

    /// The named argument, unless it is None.
    pub fn named(&self, name: &str) -> Option<ObjectRef<'a>> {
        self.args
            .kwarg(name)
            .filter(|found| found.type_name() != "NoneType")
    }

    /// Text that only a name can give.
    pub fn named_text(&self, name: &str) -> Result<Option<String>, Trouble> {
        self.named(name)
            .map(|found| self.as_text(found, name))
            .transpose()
    }

    /// All named arguments.
    pub fn all_named(&self) -> impl Iterator<Item = (&'a str, ObjectRef<'a>)> {
        self.args
            .kwargs()
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    /// The argument at a place, whatever it is.
    pub fn raw(&self, place: usize) -> Option<ObjectRef<'a>> {
        self.args.arg(place)
    }

    /// Text; numbers become text as with `str()`.
    pub fn text(&self, place: usize, name: &str) -> Result<Option<String>, Trouble> {
        self.get(place, name)
            .map(|found| self.as_text(found, name))
            .transpose()
    }

    /// Text that must be there.
    pub fn required(&self, place: usize, name: &str) -> Result<String, Trouble> {
        let missing = || {
            let words = format!("{}() is missing its argument '{name}'", self.function);
            raise(ExcType::TypeError, words)
        };
        let found = self
            .args
            .arg(place)
            .or_else(|| self.args.kwarg(name))
            .ok_or_else(missing)?;
        self.as_text(found, name)
    }

    /// A value as text.
    pub fn as_text(&self, found: ObjectRef<'_>, name: &str) -> Result<String, Trouble> {
        values::plain_text(found).ok_or_else(|| {
            let words = format!(
                "{}() takes text as '{name}', not {}",
                self.function,
                found.type_name()
            );
            raise(ExcType::TypeError, words)
        })
    }

    /// Whether a thing is switched on or off: `strong(1)`, `strong(0)`.
    pub fn on(&self) -> Result<bool, Trouble> {
        let found = self.args.arg(0).or_else(|| self.args.kwarg("on"));
        match found {
            Some(found) => Ok(found.is_truthy()),
            None => Err(raise(
                ExcType::TypeError,
                format!(
                    "{}() is missing its argument 'on': 1 opens and 0 closes",
                    self.function
                ),
            )),
        }
    }

    /// A whole number, or the one that stands for none.
    pub fn number(&self, place: usize, name: &str, without: i64) -> Result<i64, Trouble> {
        match self.get(place, name) {
            None => Ok(without),
            Some(found) => found.as_int().ok_or_else(|| {
                let words = format!(
                    "{}() takes a number as '{name}', not {}",
                    self.function,
                    found.type_name()
                );
                raise(ExcType::TypeError, words)
            }),
        }
    }

    /// Refuses what a method of the formatter does not take; what is taken and does nothing stays unread.
    pub fn of_formatter(&self) -> Result<(), Trouble> {
        self.at_most(keywords::places(self.function))?;
        match self
            .all_named()
            .find(|(name, _)| keywords::keyword(self.function, name).is_none())
        {
            None => Ok(()),
            Some((name, _)) => Err(self.unexpected(name)),
        }
    }

    /// Refuses names that are not among these and more places than these.
    pub fn only(&self, places: usize, names: &[&str]) -> Result<(), Trouble> {
        self.at_most(places)?;
        match self.all_named().find(|(name, _)| !names.contains(name)) {
            None => Ok(()),
            Some((name, _)) => Err(self.unexpected(name)),
        }
    }

    fn at_most(&self, places: usize) -> Result<(), Trouble> {
        if self.args.args().len() > places {
            let words = format!("{}() takes at most {places} positional arguments", self.function);
            return Err(raise(ExcType::TypeError, words));
        }
        Ok(())
    }

    fn unexpected(&self, name: &str) -> Trouble {
        let words = format!("{}() got an unexpected keyword argument '{name}'", self.function);
        raise(ExcType::TypeError, words)
    }
}
