"""San Aurelio del Monte, which does not exist: its departments, people, places, and what they ask for."""

from dataclasses import dataclass

MUNICIPALITY = "San Aurelio del Monte"
STATE = "Jalisco"
LETTERHEAD = "H. Ayuntamiento de San Aurelio del Monte\nPortal Juárez 12, Centro"


MORNING, ALL_DAY = (9, 10, 11, 12), (9, 10, 11, 12, 16, 17)
SCHOOL_DAYS, BUT_SUNDAY, WEEKEND, SUNDAY = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (5, 6), (6,)


@dataclass(frozen=True)
class Topic:
    """Something a department asks for again and again. ``title`` may name a {place}."""

    title: str
    message: str
    kinds: tuple[str, ...]
    at: str = ""
    hours: tuple[int, ...] = ALL_DAY
    days: tuple[int, ...] = BUT_SUNDAY

    @property
    def is_event(self) -> bool:
        """Whether it happens somewhere; ``at`` names the spot."""
        return bool(self.at)


@dataclass(frozen=True)
class Area:
    """A department with whoever answers for it."""

    name: str
    email: str
    director: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class Member:
    """Somebody of the office, or of those who watch it."""

    name: str
    email: str
    position: str


HEAD = Member("Noemí Cárdenas Ibarra", "jefatura@example.org", "Jefa de Comunicación Social")
STAFF = (
    Member("Ximena Olvera Ríos", "prensa@example.org", "Redacción y redes"),
    Member("Tadeo Villaseñor Luna", "foto@example.org", "Fotografía y video"),
    Member("Brenda Acosta Neri", "diseno@example.org", "Diseño y perifoneo"),
)
AUDITOR = Member("Octavio Rentería Solís", "contraloria@example.org", "Contraloría municipal")
SUBSTITUTE = Member("Rogelio Anaya Cruz", "suplente.obras@example.org", "Subdirección de Obras Públicas")

AREAS = (
    Area(
        "Dirección de Obras Públicas",
        "obras@example.org",
        "Ing. Salvador Quiñones Mora",
        (
            Topic("Cierre de calle por pavimentación en {place}", "La calle principal de {place} estará cerrada de 8 a 18 horas mientras se coloca el concreto. Vía alterna: calle Encino.", ("loudspeaker", "social_post")),
            Topic("Arranque de la obra de drenaje en {place}", "Comienza el drenaje sanitario de {place}: 640 metros de tubería para 85 familias.", ("photos", "news_note", "social_post"), "calle principal"),
            Topic("Bacheo en {place}", "Esta semana se bachea {place}. Se pide no estacionarse de 9 a 15 horas.", ("social_post", "loudspeaker")),
            Topic("Entrega de la cancha techada de {place}", "Se entrega la cancha de usos múltiples de {place}, con techo, gradas e iluminación.", ("photos", "video", "social_post"), "cancha de usos múltiples"),
        ),
    ),
    Area(
        "Sistema DIF Municipal",
        "dif@example.org",
        "Lic. Amparo Zúñiga Téllez",
        (
            Topic("Entrega de despensas en {place}", "Personas mayores inscritas en el padrón: lleven identificación. Entrega de 9 a 13 horas.", ("loudspeaker", "photos"), "casa comunitaria", (9,), SCHOOL_DAYS),
            Topic("Plática de crianza positiva en {place}", "Plática gratuita para madres, padres y personas cuidadoras. Hay cuidado infantil.", ("social_post", "photos"), "centro de desarrollo", ALL_DAY, SCHOOL_DAYS),
            Topic("Jornada de lentes a bajo costo en {place}", "Examen de la vista gratuito y lentes desde 150 pesos. Cupo de 60 personas.", ("social_post", "design")),
            Topic("Bazar con causa del DIF", "Ropa y juguetes en buen estado. Lo recaudado es para sillas de ruedas.", ("social_post", "design", "photos"), "plaza principal", MORNING, WEEKEND),
        ),
    ),
    Area(
        "Dirección de Salud",
        "salud@example.org",
        "Dra. Elvira Montaño Prado",
        (
            Topic("Vacunación antirrábica en {place}", "Vacunación gratuita para perros y gatos, de 9 a 14 horas. Lleve correa o transportadora.", ("loudspeaker", "social_post", "photos"), "plaza", (9,)),
            Topic("Descacharrización contra el dengue en {place}", "Saque a la banqueta llantas, botes y cubetas que ya no use. El camión pasa desde las 8 horas.", ("loudspeaker", "social_post")),
            Topic("Mastografías gratuitas en {place}", "Mujeres de 40 años o más, sin cita, con identificación.", ("social_post", "design", "photos"), "centro de salud", (9,), SCHOOL_DAYS),
            Topic("Feria de la salud en {place}", "Toma de presión, glucosa, dental y nutrición, todo gratuito.", ("photos", "news_note", "social_post"), "jardín", (9, 10)),
        ),
    ),
    Area(
        "Dirección de Educación y Cultura",
        "cultura@example.org",
        "Mtra. Julia Ocampo Beltrán",
        (
            Topic("Domingo cultural en {place}", "Música, danza y cuentacuentos para toda la familia. Entrada libre.", ("design", "social_post", "photos"), "kiosco", (11, 12, 17), SUNDAY),
            Topic("Inscripciones a los talleres de la Casa de la Cultura", "Guitarra, pintura, danza y lectura. Del 1 al 15, de 9 a 14 horas.", ("social_post", "design")),
            Topic("Entrega de útiles escolares en {place}", "Paquetes para primaria. Madres, padres o tutores con CURP de la niña o el niño.", ("loudspeaker", "photos"), "escuela primaria", MORNING, SCHOOL_DAYS),
            Topic("Presentación de libro: memorias de {place}", "La cronista presenta las historias que contaron sus habitantes.", ("news_note", "photos"), "biblioteca", (17, 18), SCHOOL_DAYS),
        ),
    ),
    Area(
        "Dirección de Deportes",
        "deportes@example.org",
        "Prof. Gilberto Lara Núñez",
        (
            Topic("Carrera 5K de {place}", "Salida a las 7 horas. Inscripción gratuita en la Unidad Deportiva.", ("design", "social_post", "photos", "video"), "arco de salida", (7,), SUNDAY),
            Topic("Final de la liga de futbol de {place}", "Se juega la final de las categorías libre y femenil. Entrada libre.", ("photos", "social_post"), "unidad deportiva", (10, 11, 16, 17), WEEKEND),
            Topic("Activación física gratuita en {place}", "Lunes, miércoles y viernes a las 7 y 19 horas. Lleve agua.", ("social_post",)),
        ),
    ),
    Area(
        "Agua Potable y Alcantarillado",
        "agua@example.org",
        "Ing. Marisol Peña Carrillo",
        (
            Topic("Corte de agua programado en {place}", "Por limpieza del tanque no habrá servicio de 8 a 20 horas. Junte la que necesite.", ("loudspeaker", "social_post")),
            Topic("Descuento por pago anual del agua", "10 % en el pago anual durante todo el mes. Caja abierta de 9 a 15 horas.", ("social_post", "design", "web_notice")),
            Topic("Reparación de la línea general en {place}", "Se repara una fuga mayor; el servicio vuelve de forma gradual.", ("loudspeaker", "social_post")),
        ),
    ),
    Area(
        "Seguridad Pública y Tránsito",
        "seguridad@example.org",
        "Cmte. Ramiro Ontiveros Gil",
        (
            Topic("Desvío vial por la feria de {place}", "Desde las 17 horas el tránsito se desvía por el libramiento. Siga las indicaciones.", ("social_post", "loudspeaker")),
            Topic("Canje de juguetes bélicos en {place}", "Cambie juguetes bélicos por libros y balones.", ("photos", "social_post"), "escuela primaria", MORNING, SCHOOL_DAYS),
            Topic("Licencias de manejo: módulo en {place}", "Módulo itinerante de 9 a 15 horas. Requisitos en la página del municipio.", ("social_post", "web_notice")),
        ),
    ),
    Area(
        "Protección Civil y Bomberos",
        "proteccion@example.org",
        "Tec. Hilda Barragán Soto",
        (
            Topic("Simulacro de evacuación en {place}", "Simulacro de sismo. No se alarme: sonará la alerta a las 11 horas.", ("loudspeaker", "photos", "social_post"), "escuela secundaria", (11,), SCHOOL_DAYS),
            Topic("Aviso por lluvias fuertes en {place}", "Evite cruzar arroyos crecidos. Emergencias: 911.", ("social_post", "loudspeaker")),
            Topic("Curso de primeros auxilios en {place}", "Curso gratuito de ocho horas, con constancia. Cupo de 25 personas.", ("design", "social_post")),
        ),
    ),
    Area(
        "Tesorería Municipal",
        "tesoreria@example.org",
        "C.P. Leticia Farías Robles",
        (
            Topic("Campaña de predial: descuentos y horario", "15 % de descuento este mes. Personas mayores, 50 % con credencial.", ("loudspeaker", "social_post", "design", "media_insertion")),
            Topic("Caja móvil de predial en {place}", "Pague su predial sin ir a la cabecera, de 9 a 14 horas.", ("loudspeaker", "social_post")),
            Topic("Refrendo de licencias de giro", "Comercios: refrende su licencia antes de fin de mes y evite recargos.", ("social_post", "web_notice")),
        ),
    ),
    Area(
        "Dirección de Desarrollo Rural",
        "rural@example.org",
        "Ing. Eusebio Cortés Ávila",
        (
            Topic("Entrega de semilla mejorada en {place}", "Personas productoras inscritas: presenten identificación y título parcelario.", ("loudspeaker", "photos"), "casa ejidal", MORNING, SCHOOL_DAYS),
            Topic("Reparación de caminos sacacosechas en {place}", "La maquinaria trabaja en {place} las próximas dos semanas.", ("news_note", "social_post")),
            Topic("Vacunación de ganado en {place}", "Campaña contra el derriengue. Reúna su hato en el corral común.", ("loudspeaker",)),
        ),
    ),
    Area(
        "Dirección de Ecología y Parques",
        "ecologia@example.org",
        "Biól. Paloma Herrejón Díaz",
        (
            Topic("Reforestación en {place}", "Se plantan 300 árboles nativos. Lleve ropa cómoda, gorra y agua.", ("social_post", "photos", "video"), "cerro", (8, 9, 10)),
            Topic("Acopio de electrónicos en {place}", "Traiga aparatos y pilas que ya no usa, de 9 a 15 horas.", ("social_post", "design", "photos"), "jardín", (9,)),
            Topic("Nuevo horario de recolección en {place}", "El camión pasa martes, jueves y sábado desde las 7 horas. No saque la basura antes.", ("loudspeaker", "social_post")),
        ),
    ),
    Area(
        "Instituto Municipal de la Mujer",
        "mujer@example.org",
        "Psic. Renata Aguayo Vera",
        (
            Topic("Asesoría jurídica itinerante en {place}", "Atención gratuita y confidencial de una abogada y una psicóloga.", ("social_post", "design", "photos"), "casa comunitaria", ALL_DAY, SCHOOL_DAYS),
            Topic("Taller de autoempleo en {place}", "Repostería y conservas. Materiales incluidos, cupo de 20 mujeres.", ("social_post", "photos"), "salón ejidal", ALL_DAY, SCHOOL_DAYS),
            Topic("Conferencia: señales de alerta en el noviazgo", "Para secundarias y bachillerato, con preguntas anónimas.", ("photos", "news_note", "live_stream"), "auditorio", MORNING, SCHOOL_DAYS),
        ),
    ),
)  # fmt: skip

ELSEWHERE = Topic(
    "Sillas y sonido para la reunión vecinal de {place}",
    "Se necesitan 80 sillas y una bocina para la reunión con vecinas y vecinos de {place}.",
    ("loudspeaker",),
)

PLACES = (
    "El Mirador", "La Cofradía", "Los Encinos", "San Isidro", "El Salitre", "Las Higueras", "Barrio Alto", "El Tepehuaje",
    "La Noria", "Ojo de Agua", "Santa Rosalía", "El Refugio", "La Estación", "Lomas del Sur", "El Zapote", "El Centro",
)  # fmt: skip

CONTACTS = (
    "Irene Salgado",
    "Martín Bañuelos",
    "Socorro Ledesma",
    "Efraín Tovar",
    "Lucía Partida",
    "Jorge Alcalá",
)
