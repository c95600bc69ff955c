//! Sizes as people read them: `64 MiB`, `1.5 KiB`, `40 bytes`.

use std::fmt;

/// A number of bytes that is shown in the largest unit that fits, with one decimal where it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl Size {
    /// Of something in memory.
    #[must_use]
    pub fn of(bytes: usize) -> Size {
        Size(u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    /// Of what is too large: rounded up, so that it never looks like the limit that it is above.
    #[must_use]
    pub fn above(bytes: usize) -> Size {
        let Size(bytes) = Size::of(bytes);
        let unit = UNITS.iter().find(|(unit, _)| bytes >= *unit);
        Size(unit.map_or(bytes, |(unit, _)| bytes.saturating_add(unit.div_ceil(10))))
    }
}

/// The units, the largest first.
const UNITS: [(u64, &str); 4] = [
    (1 << 40, "TiB"),
    (1 << 30, "GiB"),
    (1 << 20, "MiB"),
    (1 << 10, "KiB"),
];

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| self.0 >= *unit) else {
            return write!(f, "{} bytes", self.0);
        };
        // Rounded down: nobody is told of more room than there is.
        let (whole, tenth) = (self.0 / unit, self.0 % unit * 10 / unit);
        match tenth {
            0 => write!(f, "{whole} {name}"),
            tenth => write!(f, "{whole}.{tenth} {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_largest_unit_that_fits() {
        let shown = [0, 40, 1024, 200_000, 64 << 20, (64 << 20) + (1 << 19), u64::MAX]
            .map(|bytes| Size(bytes).to_string());
        assert_eq!(
            shown,
            [
                "0 bytes",
                "40 bytes",
                "1 KiB",
                "195.3 KiB",
                "64 MiB",
                "64.5 MiB",
                "16777215.9 TiB"
            ]
        );
        assert_eq!(Size::above((64 << 10) + 1).to_string(), "64.1 KiB");
        assert_eq!(Size::above(1000).to_string(), "1000 bytes");
    }
}
