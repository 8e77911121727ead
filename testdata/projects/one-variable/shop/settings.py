import os

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
SITE_NAME = os.environ["SITE_NAME"]
# Nothing sets it, and the template does not have it either.
PAYMENT_KEY = os.environ["PAYMENT_KEY"]
