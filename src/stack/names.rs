//! What our containers, networks, volumes and images are called. Everything of ours begins with `cchub`, so that an
//! operator with the engine's own client sees at once what belongs to this program.

use crate::domain::{ProjectName, ServiceKind};

/// The container of a service.
#[must_use]
pub fn container(project: &ProjectName, kind: ServiceKind) -> String {
    format!("cchub-{project}-{kind}")
}

/// The private network of a project.
#[must_use]
pub fn network(project: &ProjectName) -> String {
    format!("cchub-{project}")
}

/// The volume with the data of a service. Postgres and redis have one.
#[must_use]
pub fn data_volume(project: &ProjectName, kind: ServiceKind) -> String {
    format!("cchub-{project}-{kind}-data")
}

/// The volume that the secret files of a service are put into. Postgres and backend have one.
#[must_use]
pub fn secrets_volume(project: &ProjectName, kind: ServiceKind) -> String {
    format!("cchub-{project}-{kind}-secrets")
}

/// The short-lived container through which that volume is filled. `sign` tells the operation that fills it from others.
#[must_use]
pub fn helper(project: &ProjectName, kind: ServiceKind, sign: u32) -> String {
    format!("cchub-{project}-fill-{kind}-{sign:08x}")
}

/// The repository of the images that are built for a service; the tag is the recipe's hash.
#[must_use]
pub fn image_repository(project: &ProjectName, kind: ServiceKind) -> String {
    // A name may end in `-` and a repository's component may not, but here the service follows. Two dashes in a row
    // are allowed there.
    format!("cchub/{project}-{kind}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_say_project_and_service() {
        let shop: ProjectName = "shop".parse().unwrap();
        assert_eq!(container(&shop, ServiceKind::Redis), "cchub-shop-redis");
        assert_eq!(network(&shop), "cchub-shop");
        assert_eq!(
            data_volume(&shop, ServiceKind::Postgres),
            "cchub-shop-postgres-data"
        );
        assert_eq!(
            secrets_volume(&shop, ServiceKind::Backend),
            "cchub-shop-backend-secrets"
        );
        assert_eq!(
            helper(&shop, ServiceKind::Backend, 0x2a),
            "cchub-shop-fill-backend-0000002a"
        );
        assert_eq!(
            image_repository(&shop, ServiceKind::Frontend),
            "cchub/shop-frontend"
        );
    }
}
