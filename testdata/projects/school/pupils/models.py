from django.db import models


class Pupil(models.Model):
    name = models.CharField(max_length=200)
    form = models.CharField(max_length=10)
