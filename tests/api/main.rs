//! One test binary: the service as its users meet it.

mod catalogue;
