//! Time and chance: the job's moment for every clock that Python has, the system's randomness for chance.
//!
//! Each of them sets the mark `moment`. Local time in Python is UTC, as it was in MoinMoin: the viewer's zone
//! is a fact about who looks, and `request.user.getFormattedDateTime()` has it, marked.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use monty_types::{ExcType, MontyDate, MontyDateTime, MontyObject, MontyTimeZone};

use super::reading::Args;
use super::{Context, Reply, Trouble, raise};

/// More chance than this at once is no macro's need.
const MOST_CHANCE: u64 = 64 << 10;

impl Context<'_> {
    /// A method of `request.clock`: the time, and MoinMoin's stop watches.
    pub(super) fn clock_method(
        &mut self,
        name: &str,
        args: &Args<'_>,
    ) -> Result<Option<MontyObject>, Trouble> {
        self.touched.moment = true;
        let micros = u64::try_from(self.ran().as_micros()).unwrap_or(u64::MAX);
        match name {
            "now" => Ok(Some(self.time_float())),
            "start" => {
                self.watches.insert(args.required(0, "timer")?, micros);
                Ok(Some(MontyObject::none()))
            }
            "stop" | "value" => {
                let timer = args.required(0, "timer")?;
                let started = self.watches.get(&timer).copied();
                let started = started.ok_or_else(|| raise(ExcType::KeyError, timer))?;
                let seconds = micros.saturating_sub(started) as f64 / 1_000_000.0;
                Ok(Some(MontyObject::string(format!("{seconds:.3}s"))))
            }
            _ => Ok(None),
        }
    }

    /// `time.time()`.
    pub(super) fn time_float(&mut self) -> MontyObject {
        self.touched.moment = true;
        MontyObject::float(self.job.visit.now_ms as f64 / 1000.0)
    }

    /// `date.today()`.
    pub(super) fn today(&mut self) -> Reply {
        let now = self.moment(0)?;
        Ok(MontyObject::date(MontyDate {
            year: now.year,
            month: now.month,
            day: now.day,
        }))
    }

    /// `datetime.now()`, in a zone or without.
    pub(super) fn now(&mut self, zone: Option<&MontyTimeZone>) -> Reply {
        let mut now = self.moment(zone.map_or(0, |zone| zone.offset_seconds))?;
        if let Some(zone) = zone {
            now.offset_seconds = Some(zone.offset_seconds);
            now.timezone_name.clone_from(&zone.name);
        }
        Ok(MontyObject::datetime(now))
    }

    fn moment(&mut self, offset_seconds: i32) -> Result<MontyDateTime, Trouble> {
        self.touched.moment = true;
        let out_of_range = |_| raise(ExcType::OverflowError, "the time is out of range");
        let moment = Timestamp::from_millisecond(self.job.visit.now_ms).map_err(out_of_range)?;
        let offset = Offset::from_seconds(offset_seconds).map_err(out_of_range)?;
        let local = moment.to_zoned(TimeZone::fixed(offset)).datetime();
        let small = |number: i8| u8::try_from(number).unwrap_or_default();
        Ok(MontyDateTime {
            year: i32::from(local.year()),
            month: small(local.month()),
            day: small(local.day()),
            hour: small(local.hour()),
            minute: small(local.minute()),
            second: small(local.second()),
            microsecond: u32::try_from(local.subsec_nanosecond() / 1000).unwrap_or_default(),
            offset_seconds: None,
            timezone_name: None,
        })
    }

    /// Bytes of chance; also what `random` begins with.
    pub(super) fn chance(&mut self, size: u64) -> Reply {
        self.touched.moment = true;
        if size > MOST_CHANCE {
            return Err(raise(ExcType::ValueError, "that is too much randomness at once"));
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
        match getrandom::fill(&mut bytes) {
            Ok(()) => Ok(MontyObject::bytes(bytes)),
            Err(_) => Err(raise(ExcType::OSError, "the system has no randomness")),
        }
    }
}
