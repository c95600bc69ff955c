//! `request.user` and `request.user.may`. Reading `request.user` has set the mark already.

use grange_macro_protocol::{Question, Right};
use jiff::Timestamp;
use monty_types::{ExcType, MontyObject};

use super::reading::Args;
use super::{Context, Reply, Thing, Trouble, raise};
use crate::values;

impl Context<'_> {
    /// An attribute of `request.user`.
    pub(super) fn user_attribute(&mut self, name: &str) -> Option<MontyObject> {
        self.touched.user = true;
        let person = &self.job.visit.person;
        match name {
            // A guest's name is empty, as in MoinMoin.
            "name" => Some(MontyObject::string(person.name.clone().unwrap_or_default())),
            "id" => Some(MontyObject::string(person.id.clone().unwrap_or_default())),
            "valid" => Some(MontyObject::bool(person.name.is_some())),
            "language" => Some(MontyObject::string(self.job.visit.language.as_str())),
            "tz_offset" => Some(MontyObject::int(
                i64::from(self.job.visit.utc_offset_minutes) * 60,
            )),
            "may" => Some(self.object(Thing::May)),
            _ => None,
        }
    }

    /// A method of `request.user`.
    pub(super) fn user_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        self.touched.user = true;
        match name {
            "isSuperUser" => Ok(Some(MontyObject::bool(self.job.visit.person.is_superuser))),
            "exists" => Ok(Some(MontyObject::bool(self.job.visit.person.id.is_some()))),
            "getFormattedDate" => self.formatted(args, "%Y-%m-%d").map(Some),
            "getFormattedDateTime" => self.formatted(args, "%Y-%m-%d %H:%M:%S").map(Some),
            "getTime" => {
                let shift = i64::from(self.job.visit.utc_offset_minutes) * 60;
                Ok(Some(MontyObject::float(seconds(args)? + shift as f64)))
            }
            _ => Ok(None),
        }
    }

    /// A moment by the clock on the viewer's wall.
    fn formatted(&self, args: &Args<'_>, pattern: &str) -> Reply {
        let local = seconds(args)? + f64::from(self.job.visit.utc_offset_minutes) * 60.0;
        let moment = Timestamp::from_second(local.floor() as i64);
        let moment = moment.map_err(|_| raise(ExcType::ValueError, "that moment is out of range"))?;
        Ok(MontyObject::string(moment.strftime(pattern).to_string()))
    }

    /// `user.may.read(page)`: the server answers with the viewer's rights.
    pub(super) fn may(&mut self, name: &str, args: &Args<'_>) -> Result<Option<MontyObject>, Trouble> {
        let right = match name {
            "read" => Right::Read,
            "write" => Right::Write,
            "delete" => Right::Delete,
            "revert" => Right::Revert,
            "admin" => Right::Admin,
            _ => return Ok(None),
        };
        self.touched.user = true;
        let page = self.page_name(args, 0)?;
        Ok(Some(values::object(&self.ask(Question::May(right, page))?)))
    }
}

fn seconds(args: &Args<'_>) -> Result<f64, Trouble> {
    let found = args
        .get(0, "tm")
        .and_then(|found| found.as_float())
        .filter(|found| found.is_finite());
    found.ok_or_else(|| raise(ExcType::TypeError, "the time is a number of seconds since 1970"))
}
