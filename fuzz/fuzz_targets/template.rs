//! Wordings of messages, and what is said in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::domain::ids::TemplateId;
use motcua::domain::notice::{
    Facts, Fold, Known, NoticeChannel, Purpose, Template, TemplateText, fold_sms, plan, room, shortened,
};

fuzz_target!(|input: (&str, &str)| {
    let (wording, fact) = input;
    let folded = fold_sms(fact);
    assert_eq!(fold_sms(&folded), folded);
    let _ = plan(fact);
    assert!(room(&shortened(fact, 40)) <= 40);
    let facts = Facts {
        procedure: Some(fact.to_owned()),
        reason: Some(fact.to_owned()),
        papers: vec![fact.to_owned()],
        amount_vnd: Some(1),
        ..Facts::default()
    };
    let known = Known { code: "H21.16-261005-0001", unit: fact, lookup_url: "https://motcua.vn", sender: fact };
    for channel in NoticeChannel::ALL {
        let Ok(body) = TemplateText::read(*channel, wording) else { continue };
        for fold in Fold::ALL {
            let template = Template {
                id: TemplateId::new(),
                purpose: Purpose::Received,
                channel: *channel,
                subject: Some(body.clone()),
                body: body.clone(),
                html: Some(body.clone()),
                fold: *fold,
                max_segments: Some(2),
                vendor_ids: Default::default(),
            };
            let _ = template.findings();
            let wording = template.render(&known, &facts);
            if *channel == NoticeChannel::Sms {
                assert!(plan(&wording.text).segments <= template.worst().segments());
            }
            assert!(wording.subject.is_none_or(|subject| !subject.contains(['\r', '\n'])));
        }
    }
});
