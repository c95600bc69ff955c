//! Forms → elements. They ask for a page of this wiki and change nothing, so they need no ticket.
//!
//! The address comes from the resolver, never from an author, and browsers send the form nowhere else:
//! the Content-Security-Policy says `form-action 'self'`.

use super::tree::TreeWriter;
use crate::markup::{Field, Form};

impl TreeWriter<'_> {
    /// A form whose page cannot be is left out.
    pub(super) fn form(&mut self, form: &Form) {
        let page = match form.page.as_str() {
            "" => Ok(self.scene.page.clone()),
            name => self.scene.page.resolve(name),
        };
        let Ok(page) = page else { return };
        let address = self.scene.resolver.page_href(&page);
        self.out.open(
            "form",
            &[
                ("class", Some("macro-form")),
                ("method", Some("get")),
                ("action", Some(&address)),
            ],
        );
        for (name, value) in &form.hidden {
            let hidden = [
                ("type", Some("hidden")),
                ("name", Some(name.as_str())),
                ("value", Some(value.as_str())),
            ];
            self.out.void("input", &hidden);
        }
        if let Some(field) = &form.field {
            self.field(field);
        }
        self.out
            .element("button", &[("type", Some("submit"))], &form.button);
        self.end("form");
    }

    /// The label stands around the field, so neither needs an id.
    fn field(&mut self, field: &Field) {
        self.out.open("label", &[]);
        self.out.element("span", &[], &field.label);
        self.out.text(" ");
        let input = [
            ("type", Some("text")),
            ("name", Some(field.name.as_str())),
            ("value", Some(field.value.as_str())),
            ("autocomplete", Some("off")),
            ("dir", Some("auto")),
        ];
        self.out.void("input", &input);
        self.out.close("label");
        self.out.text(" ");
    }
}
