//! The classes of Django that settings name, where more than one place asks for them.

/// Security headers and the redirect to HTTPS: without it Django's switches for HTTPS do nothing.
pub const SECURITY_MIDDLEWARE: &str = "django.middleware.security.SecurityMiddleware";
/// Sessions by cookie.
pub const SESSION_MIDDLEWARE: &str = "django.contrib.sessions.middleware.SessionMiddleware";
/// Looks at the host, and adds slashes.
pub const COMMON_MIDDLEWARE: &str = "django.middleware.common.CommonMiddleware";
/// Refuses forms that another site sends.
pub const CSRF_MIDDLEWARE: &str = "django.middleware.csrf.CsrfViewMiddleware";
/// Refuses whoever is not signed in.
pub const LOGIN_REQUIRED_MIDDLEWARE: &str = "django.contrib.auth.middleware.LoginRequiredMiddleware";
/// Keeps pages out of frames.
pub const FRAME_MIDDLEWARE: &str = "django.middleware.clickjacking.XFrameOptionsMiddleware";

/// A cache in the memory of one process: the default.
pub const LOCAL_MEMORY_CACHE: &str = "django.core.cache.backends.locmem.LocMemCache";
/// A cache that keeps nothing.
pub const DUMMY_CACHE: &str = "django.core.cache.backends.dummy.DummyCache";
/// A cache in files.
pub const FILE_CACHE: &str = "django.core.cache.backends.filebased.FileBasedCache";
/// A cache in Redis, since Django 4.0.
pub const REDIS_CACHE: &str = "django.core.cache.backends.redis.RedisCache";
/// The cache of django-redis.
pub const DJANGO_REDIS_CACHE: &str = "django_redis.cache.RedisCache";
/// A cache by a client of Memcached that Django 4.1 took out.
pub const OLD_MEMCACHED_CACHE: &str = "django.core.cache.backends.memcached.MemcachedCache";

/// Mail by SMTP: the default.
pub const SMTP_BACKEND: &str = "django.core.mail.backends.smtp.EmailBackend";
