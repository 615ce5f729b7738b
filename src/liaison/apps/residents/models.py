"""Residents, their identity (INS), the care team, and what hospital letters wrote in their record."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from liaison.apps.directory.models import Professional
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import Site, User


class Resident(models.Model):
    """A resident of a site, with the identity traits of the référentiel INS as the home holds them."""

    class InsStatus(models.TextChoices):
        PROVISIONAL = "PROV", "provisoire"
        RETRIEVED = "RECUP", "récupérée"
        VALIDATED = "VALI", "validée"
        QUALIFIED = "QUAL", "qualifiée"

    class Doubt(models.TextChoices):
        DOUBTFUL = "DOUT", "identité douteuse"
        FICTIVE = "FICT", "identité fictive"

    class Sex(models.TextChoices):
        FEMALE = "F", "Féminin"
        MALE = "M", "Masculin"
        UNKNOWN = "U", "Inconnu"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="residents")
    local_id = models.CharField("identifiant de l'établissement", max_length=64, blank=True)
    ins = models.CharField("matricule INS", max_length=15, blank=True)
    ins_oid = models.CharField("OID", max_length=64, blank=True)
    ins_status = models.CharField("statut de l'identité", max_length=5, choices=InsStatus.choices)
    doubt = models.CharField("attribut de l'identité", max_length=4, choices=Doubt.choices, blank=True)
    homonym = models.BooleanField("homonyme", default=False)
    birth_family = models.CharField("nom de naissance", max_length=100)
    birth_given = models.CharField("premier prénom de naissance", max_length=100)
    given_names = models.CharField("prénoms de naissance", max_length=200)
    used_family = models.CharField("nom utilisé", max_length=100, blank=True)
    used_given = models.CharField("prénom utilisé", max_length=100, blank=True)
    birth_date = models.CharField("date de naissance", max_length=10, help_text="AAAA-MM-JJ, partielle si inconnue")
    sex = models.CharField("sexe", max_length=1, choices=Sex.choices)
    birth_place = models.CharField("code INSEE du lieu de naissance", max_length=5, blank=True)
    room = models.CharField("chambre", max_length=20, blank=True)
    present = models.BooleanField("présent", default=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="absorbed")

    class Meta:
        ordering: ClassVar = ["birth_family", "birth_given"]
        indexes: ClassVar = [
            models.Index(fields=["ins"]),
            models.Index(fields=["birth_date"]),
            models.Index(fields=["site", "birth_family"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["site", "local_id"], condition=~models.Q(local_id=""), name="one_resident_per_local_id"
            )
        ]

    def __str__(self) -> str:
        return f"resident {self.pk}"

    @property
    def display_name(self) -> str:
        family = f"{self.used_family} (née {self.birth_family})" if self.used_family else self.birth_family
        if self.used_family and self.sex == self.Sex.MALE:
            family = f"{self.used_family} (né {self.birth_family})"
        return f"{family} {self.used_given or self.birth_given}"


class ResidentName(models.Model):
    """One way a resident may be written, to be searched: see core.identity.search. Written with each identity.

    ``site`` is the resident's: every search is of some sites. Names are compared byte by byte, so that PostgreSQL may
    use an index for a beginning of a name too, under the wall.
    """

    class Kind(models.TextChoices):
        BIRTH = "birth", "nom de naissance"
        USED = "used", "nom utilisé"
        FORMER = "former", "identité antérieure"

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="names")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    family = models.CharField(max_length=150, db_collation="C")
    given = models.CharField(max_length=300, db_collation="C")
    birth_date = models.CharField(max_length=10, blank=True, db_collation="C")
    sex = models.CharField(max_length=1, blank=True)
    ins = models.CharField(max_length=15, blank=True, db_collation="C")
    sound = models.CharField(max_length=450, blank=True, db_collation="C")
    family_head = models.CharField(max_length=320, blank=True, db_collation="C")
    family_tail = models.CharField(max_length=320, blank=True, db_collation="C")
    given_head = models.CharField(max_length=320, blank=True, db_collation="C")
    given_tail = models.CharField(max_length=320, blank=True, db_collation="C")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["site", "birth_date"], name="names_by_birth_date"),
            models.Index(fields=["site", "sound"], name="names_by_sound"),
            models.Index(fields=["site", "family_head"], name="names_by_family_head"),
            models.Index(fields=["site", "family_tail"], name="names_by_family_tail"),
            models.Index(fields=["site", "given_head"], name="names_by_given_head"),
            models.Index(fields=["site", "given_tail"], name="names_by_given_tail"),
            models.Index(fields=["site", "family", "given"], name="names_by_family"),
            models.Index(fields=["site", "given", "family"], name="names_by_given"),
            models.Index(fields=["ins"], name="names_by_ins", condition=~models.Q(ins="")),
        ]

    def __str__(self) -> str:
        return f"name {self.pk} of resident {self.resident_id}"


class Source(models.TextChoices):
    """Who told us of a resident."""

    PERSON = "person", "une personne"
    CSV = "csv", "un fichier importé"
    HL7 = "hl7", "le logiciel de l'établissement"


class IdentityChange(models.Model):
    """The traits of an identity before and after a change: only those that changed, by their field names."""

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="identity_changes")
    source = models.CharField("origine", max_length=10, choices=Source.choices)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField("changée le")
    reason = models.CharField("motif", max_length=300)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"identity change {self.pk} of resident {self.resident_id}"


class ResidentMerge(models.Model):
    """Two records put together. ``moved`` holds the numbers of the rows moved, by « app.model.field »."""

    survivor = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    source = models.CharField("origine", max_length=10, choices=Source.choices)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    merged_at = models.DateTimeField("fusionnés le")
    reason = models.CharField("motif", max_length=300)
    survivor_was_present = models.BooleanField()
    absorbed_was_present = models.BooleanField()
    moved = models.JSONField(default=dict)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField("annulée le", null=True)
    undone_reason = models.CharField("motif de l'annulation", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-merged_at", "-id"]

    def __str__(self) -> str:
        return f"merge {self.pk}: resident {self.absorbed_id} into {self.survivor_id}"


class Absence(models.Model):
    """A resident gone to hospital, from his leaving to his return. One noted by mistake stays, withdrawn.

    ``expected_on`` is the day the hospital announced for the return. The letter is waited for until one stands in the
    record or a person says it came otherwise (``letter_settled_at``).
    """

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="absences")
    source = models.CharField("origine", max_length=10, choices=Source.choices)
    hospital = models.CharField("hôpital", max_length=200, blank=True)
    hospital_address = models.EmailField("adresse MSSanté de l'hôpital", blank=True)
    left_at = models.DateTimeField("parti le")
    left_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expected_on = models.DateField("retour annoncé pour le", null=True)
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField("revenu le", null=True)
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    letter_settled_at = models.DateTimeField(null=True)
    letter_settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-left_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident"],
                condition=models.Q(returned_at__isnull=True, withdrawn_at__isnull=True),
                name="one_absence_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"absence {self.pk} of resident {self.resident_id}"


class AdministrativeMessage(models.Model):
    """One HL7 message of the home's software, as it came (``blob``), and what was answered."""

    class Verdict(models.TextChoices):
        TAKEN = "AA", "pris en compte"
        ERROR = "AE", "en erreur"
        REFUSED = "AR", "refusé, à renvoyer"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="administrative_messages")
    received_at = models.DateTimeField("reçu le")
    blob = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    control_id = models.CharField(max_length=200, blank=True)
    event = models.CharField("événement", max_length=3, blank=True)
    verdict = models.CharField("réponse", max_length=2, choices=Verdict.choices)
    error_code = models.CharField("code HL7", max_length=3, blank=True)
    problem = models.CharField("anomalie", max_length=300, blank=True)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, null=True, related_name="administrative_messages")

    class Meta:
        ordering: ClassVar = ["-received_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["site", "blob"])]

    def __str__(self) -> str:
        return f"administrative message {self.pk}: {self.verdict}"


class CareTeamMember(models.Model):
    """A professional around a resident."""

    class Role(models.TextChoices):
        GP = "gp", "Médecin traitant"
        SPECIALIST = "specialist", "Spécialiste"
        PHARMACY = "pharmacy", "Pharmacie"
        NURSE = "nurse", "Infirmier·e"
        OTHER = "other", "Autre professionnel"

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="care_team")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="care_teams")
    role = models.CharField("rôle", max_length=12, choices=Role.choices)

    class Meta:
        ordering: ClassVar = ["role", "professional__family"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["resident", "professional"], name="one_place_in_a_care_team")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of resident {self.resident_id}"


class CareTeamChange(models.Model):
    """A professional came into a care team, left it, or took another place in it: who said so, and when."""

    class Kind(models.TextChoices):
        ADDED = "added", "ajouté"
        REMOVED = "removed", "retiré"
        REPLACED = "replaced", "remplacé"
        ROLE_CHANGED = "role_changed", "rôle changé"

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="care_team_changes")
    professional = models.ForeignKey(Professional, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("changement", max_length=12, choices=Kind.choices)
    role = models.CharField("rôle", max_length=12, choices=CareTeamMember.Role.choices)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField("changé le")

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"care team change {self.pk}: {self.kind}"


class Opposition(models.Model):
    """A resident refuses that his documents be sent by MSSanté: between professionals, or to his own mailbox."""

    class Scope(models.TextChoices):
        PROFESSIONALS = "professionals", "échanges entre professionnels"
        PATIENT = "patient", "envoi à Mon espace santé"

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="oppositions")
    scope = models.CharField("porte sur", max_length=15, choices=Scope.choices)
    stated_by = models.CharField("exprimée par", max_length=200)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("notée le")
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField("levée le", null=True)

    class Meta:
        ordering: ClassVar = ["-recorded_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["resident", "scope"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_standing_opposition_of_a_scope",
            )
        ]

    def __str__(self) -> str:
        return f"opposition {self.pk} of resident {self.resident_id}"


class Stay(models.Model):
    """A hospital stay, written by filing a letter. Dates are ISO 8601 at the precision of the source.

    ``place`` says where in the document they stand; ``read_in`` is the sentence, when they were read in its words.
    """

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="stays")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="stays")
    start = models.CharField("entrée", max_length=40, blank=True)
    end = models.CharField("sortie", max_length=40, blank=True)
    hospital = models.CharField("établissement", max_length=200, blank=True)
    service = models.CharField("service", max_length=200, blank=True)
    discharge_mode = models.CharField("mode de sortie", max_length=200, blank=True)
    reason = models.TextField("motif", blank=True)
    synthesis = models.TextField("synthèse", blank=True)
    place = models.CharField("où dans le document", max_length=200, blank=True)
    read_in = models.ForeignKey("filing.ProposedFact", on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-end", "-id"]

    def __str__(self) -> str:
        return f"stay {self.pk}"


class RecordedAllergy(models.Model):
    """An allergy a letter states: proposed until a person confirms it, or says that it is none.

    ``section`` and ``place`` are the LOINC code and the title of the section it stands in; ``read_in`` is the sentence,
    when it was read in the words of the letter.
    """

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="allergies")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="allergies")
    agent = models.CharField("agent", max_length=200)
    reaction = models.CharField("réaction", max_length=200, blank=True)
    section = models.CharField("section (LOINC)", max_length=40, blank=True)
    place = models.CharField("titre de la section", max_length=200, blank=True)
    read_in = models.ForeignKey("filing.ProposedFact", on_delete=models.SET_NULL, null=True, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_reason = models.CharField("motif", max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"allergy {self.pk}"


class FollowUpTask(models.Model):
    """Something the letter asks for: an expected result, an examination, a consultation.

    ``due`` is what the letter says, ISO 8601 at its precision, or nothing; ``look_on`` is the day the home looks at
    it, which a person may put off.
    """

    class Kind(models.TextChoices):
        EXPECTED_RESULT = "expected_result", "Résultat attendu"
        FOLLOW_UP = "follow_up", "Suite à donner"

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="follow_up_tasks")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="follow_up_tasks")
    kind = models.CharField("nature", max_length=20, choices=Kind.choices)
    label = models.TextField("libellé")
    due = models.CharField("échéance", max_length=40, blank=True)
    look_on = models.DateField("à regarder le")
    section = models.CharField("section (LOINC)", max_length=40, blank=True)
    place = models.CharField("titre de la section", max_length=200, blank=True)
    read_in = models.ForeignKey("filing.ProposedFact", on_delete=models.SET_NULL, null=True, related_name="+")
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["look_on", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["look_on"],
                name="tasks_to_do",
                condition=models.Q(done_at__isnull=True, withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"
