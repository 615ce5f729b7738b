"""What residents of nursing homes take, as letters name it. Written for the benchmark alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drug:
    """``brand`` may be empty; ``form`` is one of the kinds that share posologies."""

    brand: str
    substance: str
    strengths: tuple[str, ...]
    form: str
    reason: str


def _read(table: str) -> tuple[Drug, ...]:
    drugs = []
    for row in table.strip().splitlines():
        brand, substance, strengths, form, reason = (cell.strip() for cell in row.split(";"))
        drugs.append(Drug(brand, substance, tuple(strengths.split("|")), form, reason))
    return tuple(drugs)


USUAL = _read("""
Kardégic;acide acétylsalicylique;75 mg|160 mg;sachet;AOMI
Plavix;clopidogrel;75 mg;tablet;coronaropathie
Eliquis;apixaban;2,5 mg|5 mg;twice;fibrillation atriale
Xarelto;rivaroxaban;15 mg|20 mg;tablet;embolie pulmonaire
Previscan;fluindione;20 mg;vka;fibrillation atriale
Coumadine;warfarine;2 mg|5 mg;vka;valve mécanique
Lovenox;énoxaparine;4000 UI|6000 UI;syringe;prévention thromboembolique
Lasilix;furosémide;20 mg|40 mg;tablet;insuffisance cardiaque
Aldactone;spironolactone;25 mg;tablet;insuffisance cardiaque
Amlor;amlodipine;5 mg|10 mg;tablet;HTA
Triatec;ramipril;2,5 mg|5 mg;tablet;HTA
Coversyl;périndopril;5 mg;tablet;HTA
Cardensiel;bisoprolol;1,25 mg|2,5 mg|5 mg;tablet;insuffisance cardiaque
Cordarone;amiodarone;200 mg;tablet;fibrillation atriale
Hémigoxine;digoxine;0,125 mg;tablet;fibrillation atriale
Tahor;atorvastatine;10 mg|40 mg;evening;dyslipidémie
Crestor;rosuvastatine;5 mg;evening;dyslipidémie
Glucophage;metformine;500 mg|850 mg;twice;diabète
Diamicron;gliclazide;30 mg;tablet;diabète
Januvia;sitagliptine;50 mg;tablet;diabète
Lantus;insuline glargine;100 UI/ml;insulin;diabète
Novorapid;insuline asparte;100 UI/ml;insulin3;diabète
Lévothyrox;lévothyroxine;50 µg|75 µg|100 µg;fasting;hypothyroïdie
Doliprane;paracétamol;500 mg|1 g;needed;douleurs
Topalgic;tramadol;50 mg;needed;douleurs
Skenan LP;morphine;10 mg;twice;douleurs
Oxynorm;oxycodone;5 mg;needed;douleurs
Durogesic;fentanyl;12 µg/h|25 µg/h;patch;douleurs
Inexium;ésoméprazole;20 mg|40 mg;evening;RGO
Mopral;oméprazole;20 mg;tablet;RGO
Inipomp;pantoprazole;20 mg;tablet;gastroprotection
Forlax;macrogol;10 g;sachet;constipation
Duphalac;lactulose;10 g;sachet;constipation
Seresta;oxazépam;10 mg;bedtime;anxiété
Imovane;zopiclone;3,75 mg;bedtime;insomnie
Norset;mirtazapine;15 mg;bedtime;dépression
Seroplex;escitalopram;5 mg|10 mg;tablet;dépression
Zoloft;sertraline;50 mg;tablet;dépression
Risperdal;rispéridone;0,5 mg|1 mg;evening;troubles du comportement
Haldol;halopéridol;2 mg/ml;drops;agitation
Aricept;donépézil;10 mg;evening;maladie d'Alzheimer
Ebixa;mémantine;10 mg;tablet;maladie d'Alzheimer
Modopar;lévodopa;125 mg|62,5 mg;thrice;maladie de Parkinson
Keppra;lévétiracétam;250 mg|500 mg;twice;épilepsie
Dépakine;valproate de sodium;500 mg;twice;épilepsie
Lyrica;prégabaline;25 mg|75 mg;twice;douleurs neuropathiques
Ventoline;salbutamol;100 µg;inhaled;BPCO
Symbicort;budésonide formotérol;200/6 µg;puffs;BPCO
Spiriva;tiotropium;18 µg;inhaledday;BPCO
Diffu-K;potassium;600 mg;thrice;hypokaliémie
Uvedose;cholécalciférol;100 000 UI;ampoule;carence en vitamine D
Tardyferon;sulfate ferreux;80 mg;tablet;anémie
Speciafoldine;acide folique;5 mg;tablet;carence
Cortancyl;prednisone;5 mg|20 mg;course;BPCO
Augmentin;amoxicilline/acide clavulanique;1 g/125 mg;course;pneumopathie
Rocephine;ceftriaxone;1 g;inject;infection urinaire
Zyloric;allopurinol;100 mg|200 mg;tablet;goutte
Xatral LP;alfuzosine;10 mg;evening;HBP
Natispray;trinitrine;0,30 mg;needed;angor
Xalatan;latanoprost;50 µg/ml;eye;glaucome
Imeth;méthotrexate;10 mg;weekly;polyarthrite
Fosamax;acide alendronique;70 mg;weekly;ostéoporose
Gaviscon;alginate de sodium;500 mg;needed;RGO
Entresto;sacubitril valsartan;24/26 mg;twice;insuffisance cardiaque
Forxiga;dapagliflozine;10 mg;tablet;insuffisance cardiaque
""")

SECOND = _read("""
Brilique;ticagrelor;90 mg;twice;syndrome coronarien
Pradaxa;dabigatran;110 mg|150 mg;twice;fibrillation atriale
Sintrom;acénocoumarol;4 mg;vka;fibrillation atriale
Innohep;tinzaparine;10 000 UI;syringe;phlébite
Burinex;bumétanide;1 mg;tablet;insuffisance cardiaque
Inspra;éplérénone;25 mg;tablet;insuffisance cardiaque
Loxen;nicardipine;20 mg;thrice;HTA
Eupressyl;urapidil;30 mg;twice;HTA
Temerit;nébivolol;5 mg;tablet;HTA
Flécaïne;flécaïnide;50 mg;twice;fibrillation atriale
Ezetrol;ézétimibe;10 mg;evening;dyslipidémie
Novonorm;répaglinide;1 mg;thrice;diabète
Trulicity;dulaglutide;1,5 mg;weekly;diabète
Levemir;insuline détémir;100 UI/ml;insulin;diabète
Humalog;insuline lispro;100 UI/ml;insulin3;diabète
Dafalgan;paracétamol;1 g;needed;douleurs
Ixprim;tramadol paracétamol;37,5 mg/325 mg;needed;douleurs
Oxycontin LP;oxycodone;10 mg;twice;douleurs
Versatis;lidocaïne;5 %;patch;névralgie
Pariet;rabéprazole;10 mg;evening;RGO
Transipeg;macrogol;5,9 g;sachet;constipation
Xanax;alprazolam;0,25 mg;bedtime;anxiété
Stilnox;zolpidem;5 mg;bedtime;insomnie
Circadin;mélatonine;2 mg;bedtime;insomnie
Effexor LP;venlafaxine;37,5 mg|75 mg;tablet;dépression
Cymbalta;duloxétine;30 mg;tablet;dépression
Xeroquel LP;quétiapine;50 mg;evening;troubles du comportement
Tercian;cyamémazine;40 mg/ml;drops;agitation
Exelon;rivastigmine;4,6 mg/24 h;patch24;maladie d'Alzheimer
Sinemet;lévodopa carbidopa;100 mg/10 mg;thrice;maladie de Parkinson
Lamictal;lamotrigine;25 mg;twice;épilepsie
Vimpat;lacosamide;50 mg;twice;épilepsie
Neurontin;gabapentine;100 mg|300 mg;thrice;douleurs neuropathiques
Bricanyl;terbutaline;500 µg;inhaled;asthme
Seretide;fluticasone salmétérol;250/25 µg;puffs;asthme
Kaleorid;chlorure de potassium;1000 mg;twice;hypokaliémie
Calcidose;carbonate de calcium;500 mg;sachet;ostéoporose
Zymad;cholécalciférol;80 000 UI;ampoule;carence en vitamine D
Solupred;prednisolone;20 mg;course;PPR
Oroken;céfixime;200 mg;course;pyélonéphrite
Colchicine Opocalcium;colchicine;1 mg;tablet;goutte
Josir LP;tamsulosine;0,4 mg;evening;HBP
Vesicare;solifénacine;5 mg;tablet;urgenturies
Cosopt;dorzolamide timolol;20 mg/5 mg par ml;eye2;glaucome
Actonel;acide risédronique;35 mg;weekly;ostéoporose
Jardiance;empagliflozine;10 mg;tablet;insuffisance cardiaque
Anxenil;fluprazolam;1 mg;bedtime;anxiété
Cardovan;bétaprolol;50 mg;twice;HTA
""")

UNSEEN = _read("""
Aspégic;acétylsalicylate de lysine;100 mg;sachet;AOMI
Duoplavin;clopidogrel acide acétylsalicylique;75 mg/75 mg;tablet;coronaropathie
Fragmine;daltéparine;5000 UI;syringe;prévention thromboembolique
Arixtra;fondaparinux;2,5 mg;syringe;phlébite
Esidrex;hydrochlorothiazide;25 mg;tablet;HTA
Aprovel;irbésartan;150 mg;tablet;HTA
Zestril;lisinopril;20 mg;tablet;HTA
Tildiem;diltiazem;60 mg;thrice;angor
Corvasal;molsidomine;4 mg;thrice;angor
Sotalex;sotalol;80 mg;twice;fibrillation atriale
Vasten;pravastatine;20 mg;evening;dyslipidémie
Stagid;metformine;700 mg;twice;diabète
Amarel;glimépiride;2 mg;tablet;diabète
Toujeo;insuline glargine;300 UI/ml;insulin;diabète
Euthyral;liothyronine lévothyroxine;20 µg/100 µg;tablet;hypothyroïdie
Efferalgan;paracétamol;1 g;needed;douleurs
Contramal;tramadol;50 mg;needed;douleurs
Actiskenan;morphine;5 mg;needed;douleurs
Ogast;lansoprazole;15 mg;evening;RGO
Movicol;macrogol;13,8 g;sachet;constipation
Temesta;lorazépam;1 mg;bedtime;anxiété
Noctamide;lormétazépam;1 mg;bedtime;insomnie
Deroxat;paroxétine;20 mg;tablet;dépression
Athymil;miansérine;10 mg;bedtime;dépression
Zyprexa;olanzapine;5 mg;evening;troubles du comportement
Reminyl LP;galantamine;8 mg;tablet;maladie d'Alzheimer
Stalevo;lévodopa carbidopa entacapone;100 mg;thrice;maladie de Parkinson
Tegretol;carbamazépine;200 mg;twice;épilepsie
Rivotril;clonazépam;2,5 mg/ml;drops;épilepsie
Foradil;formotérol;12 µg;puffs;BPCO
Timoférol;sulfate ferreux acide ascorbique;50 mg;tablet;anémie
Medrol;méthylprednisolone;16 mg;course;PPR
Zinnat;céfuroxime;250 mg;course;bronchite
Avodart;dutastéride;0,5 mg;tablet;HBP
Travatan;travoprost;40 µg/ml;eye2;glaucome
Novatrex;méthotrexate;2,5 mg;weekly;polyarthrite
Ozempic;sémaglutide;0,5 mg;weekly;diabète
Matrifen;fentanyl;50 µg/h;patch;douleurs
Nitriderm;trinitrine;5 mg/24 h;patch24;angor
Sermolix;tranolapril;4 mg;tablet;HTA
""")
