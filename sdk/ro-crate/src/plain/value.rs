//! The values of a plain entity, as they stand in the text.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::graph::ENTITIES_MAX;

/// A text, borrowed where nothing in it is escaped.
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

/// A text, or a list of them.
pub(super) struct Texts<'a>(pub(super) Vec<Cow<'a, str>>);

/// One value.
pub(super) enum Plain<'a> {
    /// No value.
    Null,
    /// A text, number or truth value.
    Text(Cow<'a, str>),
    /// `{"@id": …}`
    Reference(Cow<'a, str>),
}

/// One value and a list of one are the same, and mostly there is one.
pub(super) enum Values<'a> {
    One(Plain<'a>),
    Many(Vec<Plain<'a>>),
}

impl Values<'_> {
    /// Whether there is nothing but nulls.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::One(value) => matches!(value, Plain::Null),
            Self::Many(values) => values.iter().all(|value| matches!(value, Plain::Null)),
        }
    }
}

impl<'a> IntoIterator for Values<'a> {
    type Item = Plain<'a>;
    type IntoIter =
        std::iter::Chain<std::option::IntoIter<Plain<'a>>, std::vec::IntoIter<Plain<'a>>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::One(value) => (Some(value), Vec::new()),
            Self::Many(values) => (None, values),
        };
        one.into_iter().chain(many)
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        json.deserialize_str(Any)
    }
}

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Texts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Texts<'de>, E> {
                Ok(Texts(vec![Cow::Borrowed(text)]))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Texts<'de>, E> {
                Ok(Texts(vec![Cow::Owned(text.to_owned())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts<'de>, A::Error> {
                let mut texts = Vec::new();
                while let Some(Text(text)) = items.next_element()? {
                    push(&mut texts, text)?;
                }
                Ok(Texts(texts))
            }
        }
        json.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Plain<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        match json.deserialize_any(Any::<false>)? {
            Values::One(value) => Ok(value),
            Values::Many(_) => Err(D::Error::custom("a list in a list")),
        }
    }
}

impl<'de> Deserialize<'de> for Values<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Any::<true>)
    }
}

/// Any value, or also a list of them. A list in a list would recurse as deep as its author likes.
struct Any<const LIST: bool>;
impl<'de, const LIST: bool> Visitor<'de> for Any<LIST> {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_unit<E: Error>(self) -> Result<Values<'de>, E> {
        Ok(Values::One(Plain::Null))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Values<'de>, E> {
        Ok(text(truth))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Values<'de>, E> {
        Ok(text(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Values<'de>, E> {
        Ok(text(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Values<'de>, E> {
        let number = Number::from_f64(number);
        number.map(text).ok_or_else(|| E::custom("no JSON number"))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Values<'de>, E> {
        Ok(Values::One(Plain::Text(Cow::Borrowed(value))))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Values<'de>, E> {
        Ok(text(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Values<'de>, A::Error> {
        let reference = match members.next_key()? {
            Some(Text(key)) if key == "@id" => members.next_value::<Text<'de>>()?.0,
            _ => return Err(A::Error::custom("no plain reference")),
        };
        match members.next_key::<Text<'de>>()? {
            None => Ok(Values::One(Plain::Reference(reference))),
            Some(_) => Err(A::Error::custom("more than a reference")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values<'de>, A::Error> {
        if !LIST {
            return Err(A::Error::custom("a list in a list"));
        }
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            push(&mut values, value)?;
        }
        Ok(Values::Many(values))
    }
}

fn text<'de>(value: impl ToString) -> Values<'de> {
    Values::One(Plain::Text(Cow::Owned(value.to_string())))
}

/// Adds to a list, which is held while it is read. No list is longer than there are entities to
/// refer to; the parser, which holds none, may have the rest.
fn push<T, E: Error>(list: &mut Vec<T>, item: T) -> Result<(), E> {
    if list.len() == ENTITIES_MAX {
        return Err(E::custom("a long list"));
    }
    list.push(item);
    Ok(())
}
