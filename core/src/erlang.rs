//! Queueing theory: Erlang B and C, and the staffing that follows from them.
