//! The history of a page: which rows, what can be compared, and where each leads.

use super::super::*;
use super::Seen;
use super::samples::{moment, site};

fn history(rows: &[HistoryRow<'_>]) -> Seen {
    Seen::new(
        "history",
        &HistoryPage {
            shell: Shell::new(site(), "Apple"),
            page: "/orchard/Apple",
            rows,
            older: None,
        },
    )
}

fn row(revision: u32, standing: Standing) -> HistoryRow<'static> {
    HistoryRow {
        of: RowOf::Revision {
            number: revision,
            standing,
            picked: Picked::No,
        },
        moment: Some(moment()),
        author: None,
        kind: "edit",
        comment: "",
        bytes: 10,
    }
}

fn file_row(view: Option<&str>) -> HistoryRow<'static> {
    HistoryRow {
        of: RowOf::File {
            name: "plan.txt",
            view: view.map(str::to_owned),
        },
        kind: "file attached",
        ..row(0, Standing::Old)
    }
}

#[test]
fn the_two_newest_revisions_are_ready_to_be_compared() {
    let mut rows = [
        file_row(None),
        row(3, Standing::Current),
        file_row(None),
        row(2, Standing::Old),
        row(1, Standing::Old),
    ];
    offer_newest(&mut rows);
    let page = history(&rows);
    assert_eq!(page.all("input[name=rev1]").len(), 3);
    assert_eq!(page.attribute("input[name=rev1][checked]", "value"), "2");
    assert_eq!(page.attribute("input[name=rev2][checked]", "value"), "3");
    assert_eq!(page.attribute("form.history input[name=action]", "value"), "diff");
}

#[test]
fn a_change_of_a_file_leads_to_it_as_long_as_it_is_there() {
    let view = "/orchard/Apple?action=AttachFile&do=view&target=plan.txt";
    let page = history(&[file_row(Some(view)), row(1, Standing::Current)]);
    assert_eq!(page.text("tr.of-file .what"), "file attached plan.txt");
    assert_eq!(page.attribute("tr.of-file .acts a", "href"), view);
    assert!(
        !page.has("input[type=radio]"),
        "one revision is nothing to compare"
    );
    let gone = history(&[file_row(None), row(1, Standing::Current)]);
    assert!(!gone.has("tr.of-file a"));
}

#[test]
fn a_single_revision_has_nothing_to_be_compared_with() {
    let page = history(&[row(1, Standing::Current)]);
    assert!(!page.has("input[type=radio]") && !page.has("form.history button"));
    assert!(page.has("a[href='/orchard/Apple?action=recall&rev=1']"));
}

#[test]
fn a_long_history_can_be_compared_from_either_end() {
    let rows = |count| {
        (1..=count)
            .map(|revision| row(revision, Standing::Old))
            .collect::<Vec<_>>()
    };
    assert_eq!(history(&rows(10)).all("form.history button").len(), 1);
    assert_eq!(history(&rows(11)).all("form.history button").len(), 2);
}

#[test]
fn only_those_who_may_go_back_see_how() {
    let page = history(&[
        row(3, Standing::Current),
        row(2, Standing::Revertible),
        row(1, Standing::Old),
    ]);
    assert_eq!(
        page.attribute("a[href*='action=revert']", "href"),
        "/orchard/Apple?action=revert&rev=2"
    );
}

#[test]
fn the_history_names_the_superuser_who_acted() {
    let author = Some(Author {
        name: "Ada",
        acting: Some("Reeve"),
    });
    let page = history(&[HistoryRow {
        author,
        ..row(1, Standing::Current)
    }]);
    assert_eq!(page.text(".author"), "Reeve as Ada");
}

#[test]
fn sizes_are_told_in_units_that_people_read() {
    let size = |bytes| {
        HistoryRow {
            bytes,
            ..row(1, Standing::Old)
        }
        .size()
    };
    assert_eq!(
        [size(0), size(1), size(1023)],
        ["0 bytes", "1 byte", "1023 bytes"]
    );
    assert_eq!(
        [size(1024), size(3500), size(1_048_575)],
        ["1.0 KiB", "3.4 KiB", "1023.9 KiB"]
    );
    assert_eq!(
        [size(1_048_576), size(u64::MAX)],
        ["1.0 MiB", "17592186044415.9 MiB"]
    );
}
