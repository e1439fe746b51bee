//! The calls of the heijunka box: a sequence may have a pacer beside its engine.

use heijunka_core::pacing::{Offer, Pacer, PacerConfig, sequence};
use heijunka_core::{DomainId, Error, Value};

use crate::calls::{Answer, Call, Stop, count, handle, id, map, status};
use crate::canon;
use crate::run::unread;

impl Call<'_> {
    /// Makes a call of a pacer, or of what needs none.
    pub(crate) fn pace(&self, pacer: &mut Option<Pacer>) -> Answer<Value> {
        let op = self.step.op.name;
        match op {
            "sequence" => {
                let counts = self.need("counts")?;
                let Value::List(counts) = counts else { return Err("not a list".to_owned().into()) };
                let counts = counts.iter().map(handle).collect::<Answer<Vec<u32>>>()?;
                let order = sequence(&counts)?.into_iter().map(count).collect();
                return Ok(map(vec![("order", Value::List(order))]));
            }
            "pacer_new" => {
                let now_us = self.now()?;
                let config = PacerConfig::from_value(&unread(self.need("config")?)?)?;
                *pacer = Some(Pacer::new(&config, now_us)?);
                return Ok(map(vec![]));
            }
            _ => {}
        }
        let pacer = pacer.as_mut().ok_or_else(|| Stop::Broken(format!("`{op}` before `pacer_new`")))?;
        Ok(match op {
            "pacer_offer" => {
                let domain = self.pacer_domain(pacer)?;
                offered(&pacer.offer(self.now()?, domain, self.id("item")?)?)
            }
            "pacer_poll" => {
                let most = self.step.arg("max_items").map_or(Ok(u32::MAX), handle)?;
                let now_us = self.now()?;
                let mut released = Vec::new();
                // A poll for nothing tells the time all the same.
                pacer.poll_at_most(now_us, most, |release| released.push(release))?;
                let released = released.iter().map(|release| {
                    let domain = pacer.domain_name(release.domain).map_or(Value::Null, Value::from);
                    let (item, due_us) = (release.item.into(), release.due_us.into());
                    map(vec![("domain", domain), ("item", item), ("due_us", due_us)])
                });
                let released = Value::List(released.collect());
                map(vec![("released", released), ("next_deadline_us", id(pacer.next_deadline_us()))])
            }
            "pacer_set_takt" => {
                pacer.set_takt(self.now()?, self.id("available_us")?, self.id("demand")?)?;
                map(vec![])
            }
            "pacer_set_weight" => {
                let domain = self.pacer_domain(pacer)?;
                pacer.set_weight(self.now()?, domain, self.count("weight")?)?;
                map(vec![])
            }
            "pacer_status" => status(canon::of_status(&pacer.status())?),
            other => return Err(Stop::Broken(format!("`{other}` can't be run"))),
        })
    }

    fn pacer_domain(&self, pacer: &Pacer) -> Answer<DomainId> {
        match self.need("domain")? {
            Value::Text(name) => {
                pacer.domain_id(name).ok_or_else(|| Error::UnknownDomain { domain: u32::MAX }.into())
            }
            value => Ok(DomainId::new(handle(value)?)),
        }
    }
}

fn offered(answer: &Offer) -> Value {
    map(vec![
        ("accepted", answer.accepted.into()),
        ("reason", answer.reason.as_str().into()),
        ("limit", count(answer.limit)),
        ("load", count(answer.load)),
        ("retry_after_us", answer.retry_after_us.into()),
    ])
}
