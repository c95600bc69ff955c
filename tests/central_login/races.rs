//! Central login when things happen at once: a code sent many times over, a logout while a login is on its way.

use std::sync::Barrier;

use super::*;

/// The last step, ready to be sent: nothing happens before it.
fn last_step(visitor: &mut Visitor) -> Form {
    let way = set_out(visitor, &format!("{HERE}Start"));
    let form = prove(visitor, "Mia", way);
    let arrived = hop(visitor, &form, THERE);
    Form::on(&arrived, &form.action)
}

#[test]
fn of_many_who_send_a_code_at_once_to_two_servers_one_gets_in() {
    let farm = farm();
    let second = farm.second_process();
    for _ in 0..5 {
        let mut visitor = farm.visitor();
        let form = last_step(&mut visitor);
        let start = Barrier::new(8);
        let answers: Vec<u16> = std::thread::scope(|threads| {
            let running: Vec<_> = (0..8)
                .map(|number| {
                    let server = [farm.address(0), second.address()][number % 2];
                    let (form, start, mut visitor) = (&form, &start, visitor.at(server));
                    threads.spawn(move || {
                        start.wait();
                        form.send(&mut visitor, &[], &[]).status
                    })
                })
                .collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let got_in = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(got_in, 1, "{answers:?}");
        assert!(
            answers.iter().all(|status| [303, 403].contains(status)),
            "{answers:?}"
        );
    }
}

#[test]
fn a_logout_is_never_outlived_by_a_login_that_was_on_its_way() {
    let farm = farm();
    let second = farm.second_process();
    for round in 0..60 {
        let mut visitor = farm.visitor();
        let form = last_step(&mut visitor);
        let listed = farm.grange(&["session", "list", "--wiki", "wiki", "--json"]).out;
        assert!(listed.contains("Mia"), "{listed}");
        let ticket = visitor.get(&format!("{THERE}Start")).ticket("logout").unwrap();
        let start = Barrier::new(2);
        let (mut there, mut here) = (visitor.at(second.address()), visitor);
        std::thread::scope(|threads| {
            let out = threads.spawn(|| {
                start.wait();
                there.post(&format!("{THERE}Start?action=logout"), &[("ticket", &ticket)])
            });
            start.wait();
            form.send(&mut here, &[], &[]);
            assert_eq!(out.join().unwrap().status, 303, "round {round}");
        });
        assert_eq!(user(&mut here, HERE), None, "round {round}");
        let listed = farm.grange(&["session", "list", "--wiki", "wiki", "--json"]).out;
        assert!(!listed.contains("Mia"), "round {round}: {listed}");
    }
}
