//! What a service is there for.

use super::image::reference::ImageReference;

/// The part a service plays in its deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Serves the Django application.
    Web,
    /// Works off tasks.
    Worker,
    /// Starts tasks by the clock.
    Scheduler,
    /// Runs a command once, such as migrations.
    Job,
    /// PostgreSQL, MySQL and their kind.
    Database,
    /// Redis, Memcached and their kind.
    Cache,
    /// RabbitMQ and its kind.
    Broker,
    /// Nginx, Caddy, Traefik, HAProxy.
    Proxy,
    /// MinIO and its kind.
    ObjectStore,
    /// Mailhog and its kind, for development.
    MailCatcher,
    /// pgAdmin, Adminer, Flower and their kind.
    AdminTool,
    /// Anything else.
    Other,
}

/// Last parts of image names, and the role that each speaks for.
const IMAGES: &[(&str, Role)] = &[
    ("postgres", Role::Database),
    ("postgresql", Role::Database),
    ("postgis", Role::Database),
    ("pgvector", Role::Database),
    ("timescaledb", Role::Database),
    ("mysql", Role::Database),
    ("mariadb", Role::Database),
    ("mongo", Role::Database),
    ("mongodb", Role::Database),
    ("percona", Role::Database),
    ("percona-server", Role::Database),
    ("cockroach", Role::Database),
    ("redis", Role::Cache),
    ("valkey", Role::Cache),
    ("keydb", Role::Cache),
    ("redis-stack", Role::Cache),
    ("redis-stack-server", Role::Cache),
    ("valkey-bundle", Role::Cache),
    ("dragonfly", Role::Cache),
    ("memcached", Role::Cache),
    ("rabbitmq", Role::Broker),
    ("kafka", Role::Broker),
    ("redpanda", Role::Broker),
    ("nats", Role::Broker),
    ("activemq", Role::Broker),
    ("nginx", Role::Proxy),
    ("caddy", Role::Proxy),
    ("traefik", Role::Proxy),
    ("haproxy", Role::Proxy),
    ("httpd", Role::Proxy),
    ("nginx-proxy", Role::Proxy),
    ("nginx-unprivileged", Role::Proxy),
    ("openresty", Role::Proxy),
    ("envoy", Role::Proxy),
    ("swag", Role::Proxy),
    ("minio", Role::ObjectStore),
    ("garage", Role::ObjectStore),
    ("seaweedfs", Role::ObjectStore),
    ("mailhog", Role::MailCatcher),
    ("mailpit", Role::MailCatcher),
    ("mailcatcher", Role::MailCatcher),
    ("maildev", Role::MailCatcher),
    ("inbucket", Role::MailCatcher),
    ("smtp4dev", Role::MailCatcher),
    ("pgadmin4", Role::AdminTool),
    ("pgadmin", Role::AdminTool),
    ("adminer", Role::AdminTool),
    ("phpmyadmin", Role::AdminTool),
    ("flower", Role::AdminTool),
    ("pgweb", Role::AdminTool),
    ("redis-commander", Role::AdminTool),
    ("redisinsight", Role::AdminTool),
    ("mongo-express", Role::AdminTool),
    ("dbgate", Role::AdminTool),
    ("cloudbeaver", Role::AdminTool),
];

impl Role {
    /// The role that an image's name speaks for.
    pub fn of_image(image: &ImageReference) -> Option<Role> {
        let name = image.name().to_ascii_lowercase();
        IMAGES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Web => "web",
            Role::Worker => "worker",
            Role::Scheduler => "scheduler",
            Role::Job => "job",
            Role::Database => "database",
            Role::Cache => "cache",
            Role::Broker => "broker",
            Role::Proxy => "proxy",
            Role::ObjectStore => "object store",
            Role::MailCatcher => "mail catcher",
            Role::AdminTool => "admin tool",
            Role::Other => "other",
        }
    }
}

/// Whether an image is PostgreSQL or built upon it with the same data and versions.
pub fn is_postgres(image: &ImageReference) -> bool {
    matches!(image.name(), "postgres" | "postgresql" | "postgis" | "pgvector" | "timescaledb")
}
