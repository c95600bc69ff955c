//! The macros that come with the program, one file each.
//!
//! A new one: write its file after the pattern of `session_test.rs`, and name it twice here. Help,
//! completion and the test of its example come from its definition.

use crate::registry::Registry;

mod date_time;
mod include;
mod needle;
mod page_list;
mod recent_changes;
mod session_test;
mod table_of_contents;
mod trail;
mod visit_count;

pub use date_time::{Date, DateTime};
pub use include::Include;
pub use page_list::PageList;
pub use recent_changes::RecentChanges;
pub use session_test::SessionTest;
pub use table_of_contents::TableOfContents;
pub use trail::Trail;
pub use visit_count::VisitCount;

pub(crate) fn register_all(registry: &mut Registry) {
    registry.register(Date);
    registry.register(DateTime);
    registry.register(Include);
    registry.register(PageList);
    registry.register(RecentChanges);
    registry.register(SessionTest);
    registry.register(TableOfContents);
    registry.register(Trail);
    registry.register(VisitCount);
}

#[cfg(test)]
mod include_tests;
#[cfg(test)]
mod tests;
