//! `_farm/config`: what `grange check` says at this moment about the files.
//!
//! The files are read again, beside the configuration in force: a change that was refused shows here with its reasons.
//! Values from the environment never show.

use actix_web::http::StatusCode;
use grange_farm::{Problem, ProcessEnvironment, Severity, check_admins, load};

use super::{frame, navigation};
use crate::frame::moment;
use crate::pages::{FarmConfigPage, FarmProblem, to_bytes};
use crate::refusal::Refusal;
use crate::respond::reply::Reply;
use crate::visit::Visit;

/// So many problems are shown; with more the rest waits for its turn.
const MOST_SHOWN: usize = 200;

/// Checks the files and shows what is wrong.
pub(super) async fn show(visit: &mut Visit<'_>) -> Result<Reply, Refusal> {
    let path = visit.live.farm.config.path.clone();
    // Ten thousand wikis take a while: not on a thread that answers requests.
    let loaded = tokio::task::spawn_blocking(move || load(&path, &ProcessEnvironment))
        .await
        .map_err(Refusal::internal)?;
    let mut problems = check_admins(&loaded, &visit.state.services).await;
    problems.extend(loaded.problems);
    problems.extend(loaded.notes);
    let count = |severity| {
        problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    };
    let shown: Vec<FarmProblem> = problems.iter().take(MOST_SHOWN).map(described).collect();
    let frame = frame(visit).await?;
    let view = frame.view();
    let page = FarmConfigPage {
        shell: view.shell("Configuration"),
        navigation: navigation(visit, "config"),
        file: &visit.live.farm.config.path.display().to_string(),
        since: moment(visit, visit.live.since),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        problems: &shown,
        more: problems.len().saturating_sub(MOST_SHOWN),
    };
    Ok(Reply::html(StatusCode::OK, to_bytes(&page)?))
}

fn described(problem: &Problem) -> FarmProblem {
    FarmProblem {
        severity: problem.severity.as_str(),
        code: problem.code.to_owned(),
        place: format!("{}:{}", problem.file.display(), problem.line),
        message: problem.message.clone(),
        remedy: problem.remedy.clone(),
    }
}
