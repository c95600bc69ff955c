//! The frames: turns, junk, modules that are forgotten.

use grange_macro_protocol::{Answer, Failure, FromWorker, Limit, Limits, ModuleId, ToWorker, Value};

use crate::harness::{Worker, execute, text};

#[test]
fn the_worker_ends_well_when_the_server_closes_its_end() {
    assert!(Worker::start().end().success());
    assert!(Worker::silent().end().success());
}

#[test]
fn junk_ends_the_worker_with_status_two() {
    let junk: [&[u8]; 4] = [
        &[3, 0, 0, 0, 77, 1, 2],
        &[255, 255, 255, 255],
        &[1, 0],
        &[0, 0, 0, 0],
    ];
    for bytes in junk {
        let mut worker = Worker::start();
        worker.send(bytes);
        assert_eq!(worker.end().code(), Some(2), "{bytes:?}");
        let mut worker = Worker::silent();
        worker.send(bytes);
        assert_eq!(worker.end().code(), Some(2), "{bytes:?} as the first");
    }
}

#[test]
fn a_message_out_of_turn_ends_the_worker() {
    let mut worker = Worker::start();
    worker.say(&ToWorker::Answer(Answer(Ok(Value::Null))));
    assert_eq!(worker.end().code(), Some(2));
}

#[test]
fn limits_may_change_between_two_jobs() {
    let mut worker = Worker::start();
    worker.say(&ToWorker::Hello(Limits {
        output_bytes: 3,
        ..Limits::default()
    }));
    assert!(matches!(worker.hear(), FromWorker::Ready { .. }));
    let result = worker.body("return 'four'");
    assert_eq!(result.output, Err(Failure::Limit(Limit::Output)));
}

#[test]
fn an_answer_that_is_none_ends_the_worker_in_the_middle_of_a_call() {
    let mut worker = Worker::start();
    let (module, _) = worker.load(&execute("return macro.page.get_raw_body()")).unwrap();
    let job = worker.job(module, &[None]);
    worker.say(&ToWorker::Run(Box::new(job)));
    assert!(matches!(worker.hear(), FromWorker::Ask { .. }));
    worker.say(&ToWorker::Hello(Limits::default()));
    assert_eq!(worker.end().code(), Some(2));
}

#[test]
fn a_module_that_was_never_loaded_is_asked_for() {
    let mut worker = Worker::start();
    let unknown = ModuleId([200; 32]);
    let (known, _) = worker.load(&execute("return 'x'")).unwrap();
    let mut job = worker.job(known, &[None]);
    job.calls.extend(worker.job(unknown, &[None, None]).calls);
    assert_eq!(
        worker.run_to_message(job),
        Some(FromWorker::Forgotten(vec![unknown]))
    );
}

#[test]
fn the_modules_not_used_for_longest_are_forgotten_first() {
    let mut worker = Worker::start();
    let mut modules = Vec::new();
    for number in 0..=grange_macro_worker::modules::MOST_MODULES {
        let id = ModuleId(std::array::from_fn(|place| {
            if place < 2 { number.to_le_bytes()[place] } else { 9 }
        }));
        modules.push(id);
        worker
            .load_as(id, &execute(&format!("return '{number}'")), &[])
            .unwrap();
        // The first stays in use.
        let job = worker.job(modules[0], &[None]);
        assert_eq!(text(&worker.run(job)[0]), "0");
    }
    let job = worker.job(modules[1], &[None]);
    assert_eq!(
        worker.run_to_message(job),
        Some(FromWorker::Forgotten(vec![modules[1]]))
    );
    let job = worker.job(modules[2], &[None]);
    assert_eq!(text(&worker.run(job)[0]), "2");
}

#[test]
fn a_job_without_calls_has_no_results() {
    let mut worker = Worker::start();
    let job = worker.job(ModuleId([1; 32]), &[]);
    assert_eq!(worker.run(job), []);
}
