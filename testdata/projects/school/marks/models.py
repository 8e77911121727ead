from django.db import models


class Mark(models.Model):
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.CASCADE)
    value = models.PositiveSmallIntegerField()
