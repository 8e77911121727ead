from .production import *

DEBUG = False
ALLOWED_HOSTS = ["staging.marks.example.org"]
