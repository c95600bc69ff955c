//! What happened to one page: its revisions and the changes of its files, in the order of the one change log.
//!
//! Both halves of the log are counted together, so a part of it is told by how many entries come before it. What an
//! entry says is read in `read.rs` and `attach.rs`. Start at [`Reader::page_log`].

use rusqlite::params;

use super::read::{Reader, rows, unsigned};
use crate::name::PageName;
use crate::store::PageLog;

/// The numbers of the page's entries, with the half of the log in which each stands: 0 for a revision, 1 for a file.
macro_rules! entries {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM (SELECT r.seq AS seq, 0 AS half FROM revision r JOIN page p ON p.id = r.page WHERE p.name = ?1 ",
            "UNION ALL SELECT v.seq, 1 FROM attachment_version v JOIN attachment a ON a.id = v.attachment ",
            "JOIN page p ON p.id = a.page WHERE p.name = ?1)",
            $rest
        )
    };
}

impl Reader {
    pub(super) fn page_log(
        &self,
        page: &PageName,
        before: Option<u32>,
        limit: usize,
    ) -> rusqlite::Result<PageLog> {
        let connection = self.connection();
        let together = connection.unchecked_transaction()?;
        let mut statement = connection.prepare_cached(entries!("count(*)", ""))?;
        let all: u32 = statement.query_row([page.as_str()], |row| row.get(0))?;
        let wanted = before.map_or(all, |before| before.saturating_sub(1).min(all));
        let mut statement =
            connection.prepare_cached(entries!("seq, half", " ORDER BY seq DESC LIMIT ?2 OFFSET ?3"))?;
        let asked = params![page.as_str(), rows(limit), all - wanted];
        let entries = statement.query_map(asked, |row| Ok((unsigned(row, 0)?, row.get::<_, u8>(1)?)))?;
        let mut changes = Vec::new();
        for entry in entries {
            changes.push(match entry? {
                (seq, 0) => self.revision_change_at(seq)?,
                (seq, _) => self.file_change_at(seq)?,
            });
        }
        together.finish()?;
        let older = (wanted as usize).saturating_sub(changes.len());
        Ok(PageLog { changes, older })
    }
}
