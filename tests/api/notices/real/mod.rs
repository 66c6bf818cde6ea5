//! Against the real programs, as Debian packages them: Kannel with its pretended phone centre, and Exim.

mod beside;
mod exim;
mod kannel;
