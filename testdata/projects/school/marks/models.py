from django.db import models


class Mark(models.Model):
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.CASCADE)
    value = models.PositiveSmallIntegerField()
    term = models.CharField(max_length=6)

    class Meta:
        indexes = [models.Index(fields=["pupil", "term"], name="mark_pupil_term")]
