//! The members of a JSON object, with their values as text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Number of members of an object that are compared one by one.
pub(super) const FEW: usize = 32;

/// The members of an object in their order. Of several of one name the last counts: YAML has no two.
pub(super) struct Members<'j>(pub(super) Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'j> Visitor<'j> for Object {
            type Value = Members<'j>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'j>>(self, mut map: M) -> Result<Members<'j>, M::Error> {
                let mut members: Vec<(Cow<'j, str>, &'j RawValue)> = Vec::new();
                // Looking through a few keys is faster than hashing each.
                let mut places: HashMap<Cow<'j, str>, usize> = HashMap::new();
                while let Some((Name(key), value)) = map.next_entry::<Name<'j>, &'j RawValue>()? {
                    let place = match members.len() {
                        ..FEW => members.iter().position(|(known, _)| *known == key),
                        _ => places.get(&key).copied(),
                    };
                    if let Some(place) = place {
                        members[place].1 = value;
                        continue;
                    }
                    members.push((key, value));
                    match members.len() {
                        ..FEW => {}
                        FEW => places.extend(members.iter().enumerate().map(|(place, (key, _))| (key.clone(), place))),
                        length => drop(places.insert(members[length - 1].0.clone(), length - 1)),
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// The name of a member, borrowed where nothing in it is escaped.
struct Name<'j>(Cow<'j, str>);

impl<'j> Deserialize<'j> for Name<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'j> Visitor<'j> for Text {
            type Value = Name<'j>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'j str) -> Result<Name<'j>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'j>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
