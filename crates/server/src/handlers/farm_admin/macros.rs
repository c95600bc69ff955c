//! What macros cost on this server, per wiki, and the switch that turns one off.
//!
//! The numbers are this process's since it began. A macro that is turned off shows a box until it is turned on
//! again, also after a restart; its file stays where it is.

use actix_web::http::StatusCode;
use actix_web::web;
use grange_macros::python::meter::{MacroCost, Switch};
use grange_macros::python::pool::{HOW_TO_BUILD, WorkerProgram};
use grange_macros::python::switches;

use super::{TICKET, frame, navigation};
use crate::extract::form::Checked;
use crate::pages::{FarmMacroRow, FarmMacrosPage, Paging, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many rows stand on a page.
const PER_PAGE: usize = 100;

/// Shows the macros, those that took most time first.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let services = &visit.state.services;
    let mut costs: Vec<_> = services.macro_meter.costs().into_iter().collect();
    for key in services.macro_meter.turned_off() {
        if !costs.iter().any(|(known, _)| *known == key) {
            costs.push((key, MacroCost::default()));
        }
    }
    costs.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.calls.saturating_mul(cost.micros_of(50))));
    let first = visit.query.part_number().saturating_mul(PER_PAGE);
    let total = costs.len();
    let rows: Vec<FarmMacroRow> = costs
        .into_iter()
        .skip(first)
        .take(PER_PAGE)
        .map(|((wiki, name), cost)| row(visit, wiki, name, &cost))
        .collect();
    let frame = frame(visit).await?;
    let view = frame.view();
    let address = format!("{}/_farm/macros", visit.place.base);
    let (started, broken) = services.macro_workers.counts();
    let page = FarmMacrosPage {
        shell: view.shell("Macros"),
        navigation: navigation(visit, "macros"),
        action: &address,
        ticket: &visit.ticket(TICKET),
        worker: match services.macro_workers.program() {
            WorkerProgram::At(_) => None,
            WorkerProgram::Missing(_) => Some(HOW_TO_BUILD),
        },
        started,
        broken,
        paging: Paging::new(&format!("{address}?q="), first, rows.len(), total, PER_PAGE),
        rows: &rows,
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

/// Turns a macro off or on: at once, and for the time after a restart.
pub(super) async fn submit(visit: &Visit<'_>, sent: &Checked) -> Result<Reply, Refusal> {
    let fields = sent.fields();
    let (wiki, name) = (fields.text("wiki"), fields.text("macro"));
    let to = match fields.get("turn") {
        Some("off") => Switch::Off,
        Some("on") => Switch::On,
        _ => {
            return Err(Refusal::BadRequest(
                "The form does not say what to do.".to_owned(),
            ));
        }
    };
    let farm = &visit.live.farm;
    let config = farm
        .wiki_by_id(wiki)
        .and_then(|index| farm.config.wikis.get(index));
    let (Some(config), true) = (config, is_name(name)) else {
        return Err(Refusal::BadRequest(format!(
            "There is no macro “{name}” of a wiki “{wiki}”."
        )));
    };
    visit.state.services.macro_meter.switch(wiki, name, to);
    let (user, address) = (visit.visitor.user_id().unwrap_or("-"), visit.incoming.client);
    tracing::warn!(target: "audit", event = "macro_switch", wiki, name, to = ?to, user, %address);
    let (data_dir, macro_name) = (config.data_dir.clone(), name.to_owned());
    web::block(move || switches::write(&data_dir, &macro_name, to))
        .await
        .map_err(Refusal::internal)?
        .map_err(|error| {
            let dir = config.data_dir.display();
            tracing::error!(wiki, name, %error,
                "the switch holds until this server ends: macros-off in {dir} cannot be written; see to its rights");
            Refusal::internal(error)
        })?;
    Ok(Reply::see_other(format!("{}/_farm/macros", visit.place.base)))
}

/// One line of the file that remembers it.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.contains(char::is_control) && name.trim() == name
}

fn row(visit: &Visit<'_>, wiki: String, name: String, cost: &MacroCost) -> FarmMacroRow {
    FarmMacroRow {
        is_off: visit.state.services.macro_meter.is_off(&wiki, &name),
        calls: cost.calls,
        half: in_words(cost.micros_of(50)),
        nearly_all: in_words(cost.micros_of(95)),
        errors: cost.errors,
        cached: share(cost.cached, cost.calls),
        looked_at: looked_at(cost),
        last_error: cost
            .last_error
            .clone()
            .map(|(error, page)| format!("On {page}: {error}")),
        wiki,
        name,
    }
}

/// Microseconds as people read them.
fn in_words(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

fn share(part: u64, whole: u64) -> String {
    match part.saturating_mul(100).checked_div(whole) {
        Some(percent) => format!("{percent} %"),
        None => "–".to_owned(),
    }
}

/// What keeps an output out of the pages that everybody gets: the first two make it private.
fn looked_at(cost: &MacroCost) -> String {
    let causes = [
        ("session", cost.session),
        ("user", cost.user),
        ("language", cost.language),
        ("moment", cost.moment),
        ("address", cost.address),
    ];
    let told: Vec<String> = causes
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(cause, count)| format!("{cause}: {}", share(*count, cost.calls)))
        .collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_told_in_words() {
        assert_eq!(
            (in_words(64), in_words(4096), in_words(2_097_152)),
            ("64 µs".into(), "4 ms".into(), "2 s".into())
        );
        assert_eq!((share(1, 3), share(0, 0)), ("33 %".into(), "–".into()));
    }

    #[test]
    fn what_calls_looked_at_is_told_as_shares() {
        let mut cost = MacroCost::default();
        (cost.calls, cost.session, cost.address) = (4, 1, 4);
        assert_eq!(looked_at(&cost), "session: 25 %, address: 100 %");
    }
}
