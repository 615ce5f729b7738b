"""The other names of the drugs that residents of a nursing home take most: doctors write the brand or the substance.

A small list on purpose: it only helps to recognise, among the few lines of one message, the line a doctor speaks of.
Brands and substances are those of the public database of medicines (BDPM).
"""

_NAMES = """
    aspirine=acide acetylsalicylique=kardegic=aspegic=aspegic nourrisson=resitune
    paracetamol=doliprane=dafalgan=efferalgan
    furosemide=lasilix
    bisoprolol=cardensiel=detensiel=cardicor
    atenolol=tenormine
    nebivolol=temerit=nebilox
    amiodarone=cordarone
    digoxine=digoxine nativelle=hemigoxine
    apixaban=eliquis
    rivaroxaban=xarelto
    dabigatran=pradaxa
    warfarine=coumadine
    fluindione=previscan
    acenocoumarol=sintrom=minisintrom
    clopidogrel=plavix
    enoxaparine=lovenox
    tinzaparine=innohep
    ramipril=triatec
    perindopril=coversyl
    lisinopril=zestril=prinivil
    valsartan=tareg
    irbesartan=aprovel
    candesartan=atacand=kenzen
    losartan=cozaar
    amlodipine=amlor
    lercanidipine=lercan=zanidip
    nicardipine=loxen
    spironolactone=aldactone
    indapamide=fludex
    hydrochlorothiazide=esidrex
    atorvastatine=tahor
    simvastatine=zocor
    pravastatine=elisor=vasten
    rosuvastatine=crestor
    metformine=glucophage=stagid
    gliclazide=diamicron
    repaglinide=novonorm
    sitagliptine=januvia=xelevia
    insuline glargine=lantus=toujeo=abasaglar
    insuline detemir=levemir
    insuline aspart=novorapid
    insuline lispro=humalog
    levothyroxine=levothyrox=l-thyroxine=euthyrox
    omeprazole=mopral
    esomeprazole=inexium
    pantoprazole=inipomp=eupantol
    lansoprazole=lanzor=ogast
    macrogol=forlax=movicol=transipeg
    lactulose=duphalac
    tramadol=topalgic=contramal
    morphine=skenan=actiskenan=oramorph
    oxycodone=oxycontin=oxynorm
    fentanyl=durogesic
    ibuprofene=advil=nurofen
    ketoprofene=profenid=bi-profenid
    prednisone=cortancyl
    prednisolone=solupred
    sertraline=zoloft
    escitalopram=seroplex
    citalopram=seropram
    paroxetine=deroxat
    mirtazapine=norset
    mianserine=athymil
    venlafaxine=effexor
    duloxetine=cymbalta
    zopiclone=imovane
    zolpidem=stilnox
    oxazepam=seresta
    lorazepam=temesta
    alprazolam=xanax
    bromazepam=lexomil
    diazepam=valium
    risperidone=risperdal
    haloperidol=haldol
    quetiapine=xeroquel
    olanzapine=zyprexa
    tiapride=tiapridal
    donepezil=aricept
    rivastigmine=exelon
    galantamine=reminyl
    memantine=ebixa
    valproate=depakine=valproate de sodium
    levetiracetam=keppra
    lamotrigine=lamictal
    carbamazepine=tegretol
    gabapentine=neurontin
    pregabaline=lyrica
    levodopa=modopar=sinemet
    allopurinol=zyloric
    colchicine=colchimax
    alendronate=fosamax=acide alendronique
    tamsulosine=josir=omix
    finasteride=chibro-proscar
    amoxicilline=clamoxyl
    amoxicilline acide clavulanique=augmentin
    ceftriaxone=rocephine
    nitrofurantoine=furadantine
    fosfomycine=monuril
    salbutamol=ventoline
    tiotropium=spiriva
    cholecalciferol=uvedose=zymad=vitamine d
    chlorure de potassium=diffu-k=kaleorid
    fer=tardyferon=ferrostrane
"""


def _families() -> dict[str, frozenset[str]]:
    groups = [frozenset(name.strip() for name in line.split("=")) for line in _NAMES.splitlines() if line.strip()]
    return {name: group for group in groups for name in group}


_FAMILIES = _families()


def synonyms(name: str) -> frozenset[str]:
    """The names of the same substance, ``name`` among them, in lower case without accents; none when it is not known.

    A label often says more than a name (« acide acetylsalicylique protect »): its first words count.
    """
    words = name.split()
    for length in range(len(words), 0, -1):
        known = _FAMILIES.get(" ".join(words[:length]))
        if known:
            return known
    return frozenset()
