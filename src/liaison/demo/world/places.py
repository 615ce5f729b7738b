"""Where people were born (INSEE codes) and where the homes and hospitals stand."""

from liaison.demo.world.identifiers import finess, rpps
from liaison.demo.world.values import Hospital, HospitalDoctor, Site

BIRTH_PLACES = (
    ("51454", 40),  # Reims
    ("51230", 12),  # Épernay
    ("51108", 10),  # Châlons-en-Champagne
    ("51649", 4),  # Vitry-le-François
    ("51535", 3),  # Sézanne
    ("51250", 3),  # Fismes
    ("51507", 2),  # Sainte-Menehould
    ("08105", 7),  # Charleville-Mézières
    ("08409", 4),  # Sedan
    ("08362", 4),  # Rethel
    ("02408", 4),  # Laon
    ("02722", 4),  # Soissons
    ("02691", 3),  # Saint-Quentin
    ("10387", 5),  # Troyes
    ("52121", 2),  # Chaumont
    ("55545", 2),  # Verdun
    ("54395", 2),  # Nancy
    ("57463", 2),  # Metz
    ("59350", 2),  # Lille
    ("75112", 3),  # Paris 12e
    ("29019", 1),  # Brest
    ("13055", 1),  # Marseille
    ("97411", 1),  # Saint-Denis de La Réunion
    ("99139", 2),  # Portugal
    ("99122", 2),  # Pologne
    ("99127", 2),  # Italie
    ("99134", 1),  # Espagne
    ("99352", 2),  # Algérie
    ("99131", 1),  # Belgique
)

AJACCIO, BASTIA, PORTUGAL, REIMS = "2A004", "2B033", "99139", "51454"

HOME = Site("jean-dorbais", "Résidence Jean d'Orbais", "Reims", finess("51", 1))

SITES = (
    HOME,
    Site("coteaux", "Résidence Les Coteaux", "Épernay", finess("51", 2)),
    Site("saint-alpin", "Résidence Saint-Alpin", "Châlons-en-Champagne", finess("51", 3)),
    Site("francois-premier", "Résidence François-Ier", "Vitry-le-François", finess("51", 4)),
    Site("promenade", "Résidence de la Promenade", "Sézanne", finess("51", 5)),
    Site("vesle", "Résidence du Val de Vesle", "Fismes", finess("51", 6)),
    Site("argonne", "Résidence de l'Argonne", "Sainte-Menehould", finess("51", 7)),
    Site("beffroi", "Résidence du Beffroi", "Charleville-Mézières", finess("08", 8)),
    Site("porcien", "Résidence du Porcien", "Rethel", finess("08", 9)),
    Site("saint-remi", "Résidence Saint-Remi", "Troyes", finess("10", 10)),
    Site("bords-de-seine", "Résidence des Bords de Seine", "Romilly-sur-Seine", finess("10", 11)),
    Site("remparts", "Résidence des Remparts", "Langres", finess("52", 12)),
    Site("tanneurs", "Résidence des Tanneurs", "Soissons", finess("02", 13)),
)

HOSPITALS = (
    Hospital(
        key="chu-reims",
        name="CHU de Reims",
        city="Reims",
        finess=finess("51", 100),
        oid="1.2.250.1.999.51.100",
        service="Court séjour gériatrique",
        address="geriatrie.sortie@chu-reims.mssante.fr",
        doctors=(
            HospitalDoctor(rpps(9001), "Valentin", "Marie-Hélène", "Gériatrie"),
            HospitalDoctor(rpps(9002), "Chauffert", "Yann", "Médecine interne"),
        ),
    ),
    Hospital(
        key="ch-epernay",
        name="Centre hospitalier d'Épernay",
        city="Épernay",
        finess=finess("51", 101),
        oid="1.2.250.1.999.51.101",
        service="Médecine polyvalente",
        address="medecine.sortie@ch-epernay.mssante.fr",
        doctors=(
            HospitalDoctor(rpps(9003), "Poirier", "Stéphane", "Médecine polyvalente"),
            HospitalDoctor(rpps(9004), "Abdelkader", "Leïla", "Cardiologie"),
        ),
    ),
    Hospital(
        key="polyclinique",
        name="Polyclinique des Bleuets",
        city="Reims",
        finess=finess("51", 102),
        oid="1.2.250.1.999.51.102",
        service="Chirurgie orthopédique",
        address="orthopedie.sortie@polyclinique-bleuets.mssante.fr",
        doctors=(
            HospitalDoctor(rpps(9005), "Ferrand", "Gilles", "Chirurgie orthopédique"),
            HospitalDoctor(rpps(9006), "Mouton", "Élodie", "Anesthésie-réanimation"),
        ),
        public=False,
    ),
)
