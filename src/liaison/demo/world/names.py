"""Names as they were given in Champagne and around, from the twenties to the fifties."""

FAMILIES = (
    "Adnet", "Antoine", "Aubry", "Bailly", "Barbier", "Baudouin", "Benoît", "Berthélemy", "Bertrand", "Blanchard",
    "Boucher", "Bouquet", "Bourgeois", "Brochet", "Brisson", "Camus", "Carré", "Chardonnet", "Charlier", "Clément",
    "Colin", "Collard", "Cordier", "Coutant", "D'Hautefeuille", "D'Orgeval", "De Saint-Rémy", "Debrun", "Delaunay",
    "Delhaye", "Demarne", "Desmoulins", "Doyen", "Drouet", "Dubois-Marchand", "Duchêne", "Dumont", "Étienne", "Faivre",
    "Férat", "Fleury", "Fourny", "Gaillard", "Gérardin", "Gillet", "Godart", "Gonet", "Grosjean", "Guérin", "Guillaume",
    "Hénin", "Herbin", "Huguenin", "Humbert", "Jacquesson", "Jacquinet", "Janisson", "Jeangeorges", "Joly", "Kaczmarek",
    "Kowalski", "L'Hoste", "L'Huillier", "Lacaille", "Lambert-Roy", "Lapierre", "Laurain", "Lebœuf", "Leclère",
    "Lefèvre", "Legendre", "Lemaître", "Lepage", "Leroux", "Lhermitte", "Liébart", "Lorin", "Maçon", "Mahé", "Maillart",
    "Malvoisin", "Marchal", "Marniquet", "Massé", "Mathieu", "Michaux", "Milan-Gérard", "Mobillion", "Moët-Girard",
    "Mongeot", "Moreau", "Mousseaux", "Navarre", "Nicaise", "Nominé", "Noël", "Nowak", "Oudart", "Paillard",
    "Parmentier", "Péchenart", "Pernet", "Petitjean", "Philipponnat", "Pienne", "Pierrard", "Ponsart", "Poittevin",
    "Prévost", "Quénard",
    "Ragot", "Raulet", "Regnault", "Rémy", "Renard", "Richomme", "Robinet", "Roussel", "Royer", "Saint-Denis", "Savart",
    "Simonet", "Soudant", "Szymański", "Tarlant", "Tellier", "Thiébaut", "Thill", "Tribaut", "Vallois", "Varnier",
    "Vautrin", "Verzeaux", "Vesselle", "Viard", "Vilmart", "Warnet", "Wiśniewski", "Zaleski",
)  # fmt: skip

FEMALE_GIVEN = (
    "Adrienne", "Agnès", "Andrée", "Anne-Marie", "Antoinette", "Arlette", "Bernadette", "Berthe", "Cécile", "Claudette",
    "Colette", "Denise", "Edmonde", "Éliane", "Élisabeth", "Émilienne", "Fernande", "Françoise", "Gabrielle",
    "Geneviève",
    "Georgette", "Germaine", "Ginette", "Gisèle", "Hélène", "Henriette", "Huguette", "Irène", "Jacqueline", "Jeanne",
    "Jeannine", "Josette", "Léone", "Liliane", "Louise", "Lucette", "Lucienne", "Madeleine", "Marcelle", "Marguerite",
    "Marie France", "Marie-Claire", "Marie-Louise", "Marie-Thérèse", "Mauricette", "Michèle", "Micheline", "Monique",
    "Nicole", "Noëlle", "Odette", "Odile", "Paulette", "Pierrette", "Raymonde", "Reine", "Renée", "Rolande",
    "Rose-Marie",
    "Simone", "Solange", "Suzanne", "Thérèse", "Yolande", "Yvette", "Yvonne",
)  # fmt: skip

MALE_GIVEN = (
    "Albert", "Alphonse", "André", "Bernard", "Camille", "Claude", "Daniel", "Denis", "Edmond", "Émile", "Étienne",
    "Fernand", "François", "Gaston", "Georges", "Gérard", "Gilbert", "Guy", "Henri", "Hubert", "Jacques", "Jean",
    "Jean Pierre", "Jean-Claude", "Jean-Marie", "Joël", "Joseph", "Léon", "Louis", "Lucien", "Marcel", "Marius",
    "Maurice", "Michel", "Noël", "Paul", "Pierre", "Pierre-Marie", "Raymond", "René", "Robert", "Roger", "Roland",
    "Serge", "Yves",
)  # fmt: skip

DOCTOR_FAMILIES = (
    "Aubertin", "Beauvais", "Bensaïd", "Bonnefoy", "Castel", "Chauvin", "Claudel", "Cuvelier", "Delacour", "Diallo",
    "Dupuis", "Fontaine", "Garnier", "Haddad", "Hervé", "Jolivet", "Khelifi", "Lacroix", "Le Guen", "Marchand",
    "Mercier", "Nguyen", "Olivier", "Peltier", "Pinçon", "Rigaud", "Rousselet", "Sauvage", "Thévenin", "Vasseur",
)  # fmt: skip

DOCTOR_GIVEN = (
    ("Claire", "F"), ("Antoine", "M"), ("Samira", "F"), ("Julien", "M"), ("Hélène", "F"), ("Mathieu", "M"),
    ("Anne-Laure", "F"), ("Thomas", "M"), ("Céline", "F"), ("Mamadou", "M"), ("Isabelle", "F"), ("Benoît", "M"),
    ("Valérie", "F"), ("Karim", "M"), ("Sophie", "F"), ("François", "M"), ("Nadia", "F"), ("Philippe", "M"),
    ("Gwenaëlle", "F"), ("Laurent", "M"), ("Émilie", "F"), ("Minh", "M"), ("Catherine", "F"), ("Olivier", "M"),
    ("Aurélie", "F"), ("Jean-Baptiste", "M"), ("Pauline", "F"), ("Vincent", "M"), ("Delphine", "F"), ("Arnaud", "M"),
)  # fmt: skip
