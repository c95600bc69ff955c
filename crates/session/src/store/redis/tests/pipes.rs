//! Many at once on one connection: whose answer is whose, and what becomes of those whose neighbours leave.

use ::redis::{Cmd, RedisError};
use tokio::task::{JoinHandle, yield_now};

use super::super::pipe::Pipe;
use super::*;

async fn pipe_to(server: &RedisServer) -> Pipe {
    Pipe::open("127.0.0.1", server.port()).await.unwrap()
}

fn echo(text: &str) -> Cmd {
    let mut echo = ::redis::cmd("ECHO");
    echo.arg(text);
    echo
}

type Answered = JoinHandle<Result<Answer, RedisError>>;

/// Asks for an echo of its number in a task of its own.
fn asked(pipe: &Pipe, number: usize) -> Answered {
    let pipe = pipe.clone();
    tokio::spawn(async move { pipe.ask(&echo(&number.to_string())).await })
}

/// Questions that wait for their answers, each in a task of its own: the server is stopped.
async fn waiting(pipe: &Pipe, count: usize) -> Vec<Answered> {
    let asked = (0..count).map(|number| asked(pipe, number)).collect();
    // Each has its turn before this one has its next.
    yield_now().await;
    asked
}

async fn assert_answered(number: usize, answered: Answered) {
    // Whoever is never woken should fail a test and not stop it.
    let answer = tokio::time::timeout(Duration::from_secs(60), answered).await;
    let answer = answer.expect("an answer").unwrap().unwrap();
    assert_eq!(text_of(&answer), Some(&*number.to_string()));
}

#[test]
fn each_of_many_gets_its_own_answer_whoever_reads_it() {
    let server = RedisServer::start();
    run(async {
        let pipe = pipe_to(&server).await;
        server.freeze();
        let waiting = waiting(&pipe, 50).await;
        server.thaw();
        for (number, answered) in waiting.into_iter().enumerate().rev() {
            assert_answered(number, answered).await;
        }
    });
}

#[test]
fn who_leaves_takes_nobody_elses_answer_along() {
    let server = RedisServer::start();
    run(async {
        // The one who watches the socket, which is the last who asked, and others.
        for leaving in [
            vec![9],
            vec![9, 0],
            vec![9, 0, 1],
            vec![3, 8, 9],
            (1..10).collect::<Vec<_>>(),
        ] {
            let pipe = pipe_to(&server).await;
            server.freeze();
            let mut waiting: Vec<_> = waiting(&pipe, 10).await.into_iter().map(Some).collect();
            let left = leaving.iter().map(|place| waiting[*place].take().unwrap());
            // One after the other before anybody has a turn: who was woken in their place may leave too.
            let left: Vec<_> = left.inspect(|left| left.abort()).collect();
            for left in left {
                assert!(left.await.unwrap_err().is_cancelled());
            }
            server.thaw();
            for (number, answered) in waiting.into_iter().enumerate() {
                if let Some(answered) = answered {
                    assert_answered(number, answered).await;
                }
            }
            let next = pipe.ask(&echo("next")).await.unwrap();
            assert_eq!(text_of(&next), Some("next"));
        }
    });
}

#[test]
fn a_connection_that_ends_is_told_to_all_who_wait_and_all_who_come() {
    let mut server = RedisServer::start();
    run(async {
        let pipe = pipe_to(&server).await;
        server.freeze();
        let waiting = waiting(&pipe, 10).await;
        server.stop();
        for answered in waiting {
            assert!(answered.await.unwrap().unwrap_err().is_connection_dropped());
        }
        assert!(pipe.ask(&echo("late")).await.is_err());
    });
}

#[test]
fn after_an_answer_that_did_not_come_in_time_nobody_gets_it_for_his() {
    let server = RedisServer::start();
    run(async {
        let pipe = pipe_to(&server).await;
        server.freeze();
        let late = pipe.ask(&echo("late")).await.unwrap_err();
        server.thaw();
        assert!(late.is_timeout(), "{late}");
        assert!(pipe.ask(&echo("next")).await.unwrap_err().is_timeout());
    });
}

#[test]
fn questions_and_answers_may_be_larger_than_any_buffer() {
    let server = RedisServer::start();
    run(async {
        let pipe = pipe_to(&server).await;
        let asked = ['a', 'b', 'c', 'd'].map(|letter| {
            let pipe = pipe.clone();
            tokio::spawn(async move {
                let long = letter.to_string().repeat(4_000_000);
                (pipe.ask(&echo(&long)).await.unwrap(), long)
            })
        });
        for asked in asked {
            let (answer, long) = asked.await.unwrap();
            assert!(text_of(&answer) == Some(&long));
        }
    });
}

#[test]
fn threads_that_share_a_connection_get_their_own_answers() {
    let server = RedisServer::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let pipe = pipe_to(&server).await;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let pipe = pipe.clone();
                tokio::spawn(async move {
                    for number in task * 1000..(task + 1) * 1000 {
                        assert_answered(number, asked(&pipe, number)).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn an_error_of_the_server_is_its_questions_alone() {
    let server = RedisServer::start();
    run(async {
        let pipe = pipe_to(&server).await;
        let refused = pipe.ask(&::redis::cmd("NONSENSE")).await.unwrap_err();
        assert!(refused.to_string().contains("unknown command"), "{refused}");
        let next = pipe.ask(&echo("next")).await.unwrap();
        assert_eq!(text_of(&next), Some("next"));
    });
}
