"""Themes: what alliances work on and actions serve."""

from domain.label import Label


class Theme(Label):
    """The themes: the six of the regional COP, what cuts across, and those of alliances."""

    MOVING = "MOVING", "mieux se déplacer", "better moving"
    HOUSING = "HOUSING", "mieux se loger", "better housing"
    PRODUCING = "PRODUCING", "mieux produire", "better producing"
    EATING = "EATING", "mieux se nourrir", "better eating"
    CONSUMING = "CONSUMING", "mieux consommer", "better consuming"
    ECOSYSTEMS = "ECOSYSTEMS", "préserver et valoriser les écosystèmes", "preserving ecosystems"
    TRANSVERSAL = "TRANSVERSAL", "actions transversales", "transversal"
    GREENHOUSE_GASES = "GREENHOUSE_GASES", "gaz à effet de serre", "greenhouse gases"
    LAND_TAKE = "LAND_TAKE", "artificialisation des sols", "land take"
    BIODIVERSITY = "BIODIVERSITY", "biodiversité", "biodiversity"
    AIR_QUALITY = "AIR_QUALITY", "qualité de l’air", "air quality"
    CLIMATE_ADAPTATION = (
        "CLIMATE_ADAPTATION",
        "adaptation au changement climatique",
        "climate adaptation",
    )
    WATER = "WATER", "eau", "water"
    SOLIDARITY = "SOLIDARITY", "transition solidaire", "solidarity"
