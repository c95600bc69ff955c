//! The macros that come with the program, one file each.
//!
//! A new one: write its file after the pattern of `session_test.rs`, and name it twice here. Help,
//! completion and the test of its example come from its definition.

use crate::registry::Registry;

mod abandoned_pages;
mod action;
mod advanced_search;
mod anchor;
mod attach_info;
mod attach_list;
mod attached;
mod date_time;
mod dice;
mod edited_system_pages;
mod embed_object;
mod foot_note;
mod full_search;
mod gallery;
mod get_text;
mod get_val;
mod go_to;
mod highlighter_list;
mod icon;
mod include;
mod inter_wiki;
mod like_pages;
mod line_break;
mod link_graph;
mod listing;
mod mail_to;
mod month_calendar;
mod navigation;
mod needle;
mod new_page;
mod orphaned_pages;
mod page_count;
mod page_hits;
mod page_list;
mod page_size;
mod random_page;
mod random_quote;
mod recent_changes;
mod search_box;
mod session_test;
mod show_smileys;
mod source;
mod system_info;
mod table_of_contents;
mod template_list;
mod title_index;
mod title_search;
mod trail;
mod verbatim;
mod visit_count;
mod wanted_pages;
mod word_index;

pub use abandoned_pages::AbandonedPages;
pub use action::Action;
pub use advanced_search::AdvancedSearch;
pub use anchor::Anchor;
pub use attach_info::AttachInfo;
pub use attach_list::AttachList;
pub use date_time::{Date, DateTime};
pub use edited_system_pages::EditedSystemPages;
pub use embed_object::EmbedObject;
pub use foot_note::FootNote;
pub use full_search::{FullSearch, FullSearchCached};
pub use gallery::Gallery;
pub use get_text::GetText;
pub use get_val::GetVal;
pub use go_to::GoTo;
pub use highlighter_list::HighlighterList;
pub use icon::Icon;
pub use include::Include;
pub use inter_wiki::InterWiki;
pub use like_pages::{LikePages, most_alike};
pub use line_break::LineBreak;
pub use mail_to::MailTo;
pub use month_calendar::MonthCalendar;
pub use navigation::Navigation;
pub use new_page::NewPage;
pub use orphaned_pages::OrphanedPages;
pub use page_count::PageCount;
pub use page_hits::{Hits, PageHits};
pub use page_list::PageList;
pub use page_size::PageSize;
pub use random_page::RandomPage;
pub use random_quote::RandomQuote;
pub use recent_changes::RecentChanges;
pub use session_test::SessionTest;
pub use show_smileys::ShowSmileys;
pub use system_info::SystemInfo;
pub use table_of_contents::TableOfContents;
pub use template_list::TemplateList;
pub use title_index::TitleIndex;
pub use title_search::TitleSearch;
pub use trail::Trail;
pub use verbatim::Verbatim;
pub use visit_count::VisitCount;
pub use wanted_pages::WantedPages;
pub use word_index::WordIndex;

pub(crate) fn register_all(registry: &mut Registry) {
    registry.register(AbandonedPages);
    registry.register(Action);
    registry.register(AdvancedSearch);
    registry.register(Anchor);
    registry.register(AttachInfo);
    registry.register(AttachList);
    registry.register(Date);
    registry.register(DateTime);
    registry.register(EditedSystemPages);
    registry.register(EmbedObject);
    registry.register(FootNote);
    registry.register(FullSearch);
    registry.register(FullSearchCached);
    registry.register(Gallery);
    registry.register(GetText);
    registry.register(GetVal);
    registry.register(GoTo);
    registry.register(HighlighterList);
    registry.register(Hits);
    registry.register(Icon);
    registry.register(Include);
    registry.register(InterWiki);
    registry.register(LikePages);
    registry.register(LineBreak);
    registry.register(MailTo);
    registry.register(MonthCalendar);
    registry.register(Navigation);
    registry.register(NewPage);
    registry.register(OrphanedPages);
    registry.register(PageCount);
    registry.register(PageHits);
    registry.register(PageList);
    registry.register(PageSize);
    registry.register(RandomPage);
    registry.register(RandomQuote);
    registry.register(RecentChanges);
    registry.register(SessionTest);
    registry.register(ShowSmileys);
    registry.register(SystemInfo);
    registry.register(TableOfContents);
    registry.register(TemplateList);
    registry.register(TitleIndex);
    registry.register(TitleSearch);
    registry.register(Trail);
    registry.register(Verbatim);
    registry.register(VisitCount);
    registry.register(WantedPages);
    registry.register(WordIndex);
}

#[cfg(test)]
mod attached_tests;
#[cfg(test)]
mod include_tests;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod rights_tests;
#[cfg(test)]
mod search_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod way_tests;
#[cfg(test)]
mod word_tests;
