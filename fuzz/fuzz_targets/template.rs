//! Wordings of messages, and what is said in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::domain::ids::TemplateId;
use motcua::domain::notice::{Facts, Known, NoticeChannel, Template, TemplateText, fold_sms, plan};

fuzz_target!(|input: (&str, &str)| {
    let (wording, fact) = input;
    let folded = fold_sms(fact);
    assert_eq!(fold_sms(&folded), folded);
    let _ = plan(fact);
    let Ok(body) = TemplateText::read(wording) else { return };
    let facts = Facts {
        procedure: Some(fact.to_owned()),
        reason: Some(fact.to_owned()),
        papers: vec![fact.to_owned()],
        amount_vnd: Some(1),
        ..Facts::default()
    };
    let known = Known { code: fact, unit: fact, lookup_url: fact, sender: fact };
    for channel in [NoticeChannel::Sms, NoticeChannel::Email] {
        let texts = (Some(body.clone()), body.clone(), Some(body.clone()));
        let template = Template { id: TemplateId::new(), channel, subject: texts.0, body: texts.1, html: texts.2 };
        let wording = template.render(&known, &facts);
        assert!(wording.subject.is_none_or(|subject| !subject.contains(['\r', '\n'])));
    }
});
