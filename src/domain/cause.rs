//! Why a service is not healthy: what it is blocked by, and one sentence for people.
