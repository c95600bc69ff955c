//! Partitions: which of many things belong together, found by joining pairs.
//!
//! A thing is its number. Every part is known by its smallest number, so the order of the files is kept. Joining and
//! asking cost next to nothing each (paths are halved on the way), so ten thousand wikis stay ten thousand steps.

use std::collections::HashMap;
use std::sync::Arc;

use super::Label;

/// Numbers from 0, in parts.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    /// A number of the same part that is not larger; a part's first is its own.
    above: Vec<usize>,
}

impl Partition {
    /// Each on its own.
    pub(super) fn of_each(count: usize) -> Partition {
        Partition {
            above: (0..count).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.above.len()
    }

    /// Makes one part of two.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.settle(one), self.settle(other));
        if let Some(above) = self.above.get_mut(one.max(other)) {
            *above = one.min(other);
        }
    }

    /// The first of a part.
    pub(super) fn first_of(&self, mut number: usize) -> usize {
        while let Some(&above) = self.above.get(number).filter(|above| **above != number) {
            number = above;
        }
        number
    }

    /// As `first_of`, and everything on the way then points there.
    fn settle(&mut self, number: usize) -> usize {
        let first = self.first_of(number);
        let mut at = number;
        while let Some(above) = self.above.get_mut(at).filter(|above| **above != first) {
            at = std::mem::replace(above, first);
        }
        first
    }

    /// Everything points at its first directly. A number points at none that is larger, so one pass upwards is enough.
    pub(super) fn settled(mut self) -> Partition {
        for number in 0..self.len() {
            let Some(&above) = self.above.get(number) else {
                continue;
            };
            let first = self.above.get(above).copied();
            if let (Some(slot), Some(first)) = (self.above.get_mut(number), first) {
                *slot = first;
            }
        }
        self
    }

    /// The parts in the order of their first members.
    pub(super) fn grouped(&self) -> Vec<Vec<usize>> {
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for number in 0..self.len() {
            let place = *places.entry(self.first_of(number)).or_insert(parts.len());
            match parts.get_mut(place) {
                Some(part) => part.push(number),
                None => parts.push(vec![number]),
            }
        }
        parts
    }

    /// What each member of a circle is called by this partition: the circle's own letter where it has one part of
    /// several members, letter and number where it has more, nothing for one alone.
    pub(super) fn labels(&self, members: &[usize], circle: Option<&str>) -> Vec<Option<Label>> {
        let Some(circle) = circle else {
            return vec![None; members.len()];
        };
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for member in members {
            *sizes.entry(self.first_of(*member)).or_default() += 1;
        }
        let parts = sizes.values().filter(|size| **size > 1).count();
        let mut named: HashMap<usize, Label> = HashMap::new();
        let mut label = |member: &usize| {
            let first = self.first_of(*member);
            if sizes.get(&first).is_none_or(|size| *size < 2) {
                return None;
            }
            let number = named.len() + 1;
            let name = named.entry(first).or_insert_with(|| match parts {
                1 => Arc::from(circle),
                _ => Arc::from(format!("{circle}{number}")),
            });
            Some(Arc::clone(name))
        };
        members.iter().map(&mut label).collect()
    }
}

/// `A` to `Z`, then `AA`, `AB`, …
pub(super) fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        let letter = u8::try_from(number % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        match number / 26 {
            0 => break,
            more => number = more - 1,
        }
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_by_joining_and_keep_their_order() {
        let mut partition = Partition::of_each(6);
        partition.join(4, 1);
        partition.join(5, 4);
        partition.join(3, 2);
        assert_eq!(partition.grouped(), [vec![0], vec![1, 4, 5], vec![2, 3]]);
        partition.join(5, 3);
        assert_eq!(partition.grouped(), [vec![0], vec![1, 2, 3, 4, 5]]);
    }

    #[test]
    fn one_part_has_the_letter_and_several_have_numbers() {
        let mut partition = Partition::of_each(5);
        partition.join(0, 1);
        let told = |partition: &Partition| {
            let labels = partition.labels(&[0, 1, 2, 3, 4], Some("B"));
            labels
                .iter()
                .map(|label| label.as_deref().unwrap_or("-").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&partition), ["B", "B", "-", "-", "-"]);
        partition.join(3, 4);
        assert_eq!(told(&partition), ["B1", "B1", "-", "B2", "B2"]);
        assert_eq!(partition.labels(&[0, 1], None), [None, None]);
    }

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!(
            [0, 25, 26, 27, 51, 52, 701, 702].map(letters),
            ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]
        );
    }

    #[test]
    fn a_hundred_thousand_joined_one_by_one_are_one_part() {
        let mut partition = Partition::of_each(100_000);
        for number in (1..100_000).rev() {
            partition.join(number, number - 1);
        }
        assert_eq!(partition.settled().grouped().len(), 1);
    }
}
