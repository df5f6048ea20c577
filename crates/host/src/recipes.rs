//! How to serve a policy with the servers and services that people have.
